import ssh2, { type AnyAuthMethod, type ParsedKey } from 'ssh2'
import type { Question } from '../../../../contract/job'
import { createFailure } from '../../../../core/failures/failure'
import { cleanLine } from '../../../../core/text/clean-text'
import { FailureError } from '../../../failures'
import type { Ask } from '../../../ports/ssh'
import type { LoginMethod, ResolvedLogin } from '../config/resolve-login'
import type { Identity } from './identity'

/** What ssh2 is to send next. */
type Method = AnyAuthMethod

/** The next way to try; `undefined` once a way is out of tries or the person declined it. */
interface Way {
  readonly method: 'publickey' | 'password' | 'keyboard-interactive'
  readonly label: string
  /** Undefined: skip it. */
  readonly prepare: () => Promise<Method | undefined>
  /** Returns whether it may be tried again. */
  readonly refused: () => boolean
  /** Whether the server has had a signature for it, and so may have taken it as the first of several. */
  readonly isSigned?: () => boolean
}

/** The ways in that are left, kept when a connection is lost in between: no key is tried, no password asked twice. */
export interface Authentication {
  /**
   * What to send next, given what the server would still take (RFC 4252 §5.1). Rejects with LOGIN_REFUSED when
   * nothing is left, and with whatever a question rejects with.
   */
  next(offered: readonly string[] | undefined, isPartial: boolean): Promise<Method>
  /**
   * The connection ended during the attempt: sshd does that at MaxAuthTries. Returns whether another connection may
   * get any further; one that ended before anything was tried got nowhere.
   */
  lost(wasAsking: boolean): boolean
  /** In words: how the server was satisfied. */
  authenticatedBy(): string
}

const secretTries = 3
const allMethods: readonly LoginMethod[] = ['publickey', 'password', 'keyboard-interactive']

/** Questions of one attempt; a server that goes on asking is left (RFC 4256 sets no limit). */
const mostRounds = 8

export function createAuthentication(
  login: Pick<ResolvedLogin, 'user' | 'host' | 'port' | 'methods'>,
  identities: readonly Identity[],
  ask: Ask,
  stop: (error: unknown) => void,
): Authentication {
  const { user: username, host, port } = login
  const all = [...identities.map(keyWay), ...secretWays()]
  let ways: Way[] = login.methods.flatMap((name) => all.filter(({ method }) => method === name))
  let current: Way | undefined
  const passed: string[] = []
  const tried = new Set<string>()
  let lastOffered: readonly string[] = []
  let isAskingAgain = false

  function keyWay({ label, publicKey, sign }: Identity): Way {
    let isSigned = false
    const signAndNote: Identity['sign'] = async (data, hash) => {
      const signature = await sign(data, hash)
      isSigned = signature !== undefined
      return signature
    }
    const agent = new OneKeyAgent(publicKey, signAndNote, stop)
    return {
      method: 'publickey',
      label,
      prepare: async () => ({ type: 'agent', username, agent }),
      refused: () => false,
      isSigned: () => isSigned,
    }
  }

  function secretWays(): Way[] {
    let refusals = 0
    let secret: string | undefined
    const askSecret = async () => {
      if (secret !== undefined) return secret
      const answer = await ask({ kind: 'password', user: username, host, again: refusals > 0 })
      secret = answer.kind === 'secret' ? answer.secret : undefined
      return secret
    }
    const refused = () => {
      secret = undefined
      return ++refusals < secretTries
    }
    const password: Way = {
      method: 'password',
      label: 'password',
      prepare: async () => {
        const given = await askSecret()
        return given === undefined ? undefined : { type: 'password', username, password: given }
      },
      refused,
    }
    const interactive: Way = {
      method: 'keyboard-interactive',
      label: 'keyboard-interactive',
      prepare: async () => {
        let rounds = 0
        return {
          type: 'keyboard-interactive',
          username,
          prompt: (_name, _instructions, _language, prompts, finish) => {
            if (++rounds > mostRounds) return stop(new FailureError(refusal()))
            answerPrompts(prompts, askSecret).then(finish, stop)
          },
        }
      },
      refused,
    }
    return [password, interactive]
  }

  async function answerPrompts(
    prompts: readonly { readonly prompt: string; readonly echo?: boolean }[],
    askSecret: () => Promise<string | undefined>,
  ): Promise<string[]> {
    const [only] = prompts
    if (prompts.length === 1 && only && !only.echo && /pass ?(word|code)?\b/i.test(only.prompt)) {
      return [(await askSecret()) ?? refuse()]
    }
    const question: Question = {
      kind: 'keyboard-interactive',
      host,
      prompts: prompts
        .slice(0, 16)
        .map(({ prompt, echo }) => ({ text: cleanLine(prompt), echo: echo === true })),
    }
    const answer = await ask(question)
    return answer.kind === 'secrets' ? [...answer.secrets] : refuse()
  }

  function refusal() {
    const left = allMethods.filter((one) => !login.methods.includes(one) && lastOffered.includes(one))
    return createFailure('LOGIN_REFUSED', {
      user: username,
      host,
      port: String(port),
      tried: [...tried].join(', ') || 'nothing',
      offered: lastOffered.map((method) => cleanLine(method)).join(', '),
      ...(left.length > 0 ? { switchedOff: left.join(', ') } : {}),
    })
  }
  const refuse = (): never => {
    throw new FailureError(refusal())
  }

  function drop(way: Way) {
    ways = ways.filter((one) => one !== way)
  }

  function judged(way: Way) {
    tried.add(way.label)
    if (!way.refused()) drop(way)
  }

  return {
    next: async (offered, isPartial) => {
      if (!offered) return { type: 'none', username }
      // After a key of an agent ssh2 hands on neither what is left nor that it was a part: ask the server again.
      if (current?.isSigned?.() && !isAskingAgain) {
        isAskingAgain = true
        return { type: 'none', username }
      }
      const isChanged = isAskingAgain && offered.join() !== lastOffered.join()
      isAskingAgain = false
      lastOffered = offered
      if (current && (isPartial || isChanged)) {
        passed.push(current.label)
        drop(current)
      } else if (current) judged(current)
      current = undefined
      // The same password twice over two methods would only count as two wrong ones.
      if (offered.includes('password') && ways.some(({ method }) => method === 'password')) {
        ways = ways.filter(({ method }) => method !== 'keyboard-interactive')
      }
      for (;;) {
        const way = ways.find(({ method }) => offered.includes(method))
        if (!way) return refuse()
        current = way
        const method = await way.prepare()
        if (method) return method
        drop(way)
      }
    },
    lost: (wasAsking) => {
      const hasMoved = wasAsking || current !== undefined
      if (current && !wasAsking) judged(current)
      current = undefined
      isAskingAgain = false
      return hasMoved
    },
    authenticatedBy: () => [...passed, current?.label ?? 'nothing'].join(', then '),
  }
}

type SignCallback = (error?: Error | null, signature?: Buffer) => void

/** ssh2 asks an agent to sign only after the server has agreed to the key. */
class OneKeyAgent extends ssh2.BaseAgent<ParsedKey> {
  constructor(
    private readonly publicKey: ParsedKey,
    private readonly signer: Identity['sign'],
    private readonly stop: (error: unknown) => void,
  ) {
    super()
  }

  override getIdentities(callback: (error?: Error | null, keys?: ParsedKey[]) => void): void {
    callback(null, [this.publicKey])
  }

  override sign(
    _key: ParsedKey,
    data: Buffer,
    options: { hash?: 'sha1' | 'sha256' | 'sha512' } | SignCallback,
    callback?: SignCallback,
  ): void {
    const done = typeof options === 'function' ? options : callback
    const hash = typeof options === 'function' ? undefined : options.hash
    this.signer(data, hash).then(
      (signature) => (signature ? done?.(null, signature) : done?.(new Error('not signed'))),
      this.stop,
    )
  }
}
