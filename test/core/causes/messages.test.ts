import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { HelperReason } from '../../../contract/helper'
import { whyNotRoot } from '../../../core/causes/rights-messages'
import { type Attempt, whyNixFailed } from '../../../core/causes/why-nix-failed'
import { thousand } from '../../fixtures/arbitraries'

interface Message {
  readonly case: string
  /** The programs that said it, with their versions. */
  readonly from: string
  readonly of?: Attempt['of']
  readonly target?: { readonly host?: string; readonly port?: string }
  readonly jump?: { readonly host?: string; readonly port?: string }
  readonly reason: string
  readonly said: readonly string[]
  readonly seen?: boolean
}

const folder = resolve(import.meta.dirname, '../../fixtures/messages')
const read = (name: string): readonly Message[] => JSON.parse(readFileSync(join(folder, name), 'utf8'))
/** Said by the real programs on the hosts of the fleet; what is read stands in their sources. */
const seen = read('seen.json')
const fromSources = read('read.json')
const rights = read('rights.json')

const where = { host: '10.0.0.2', port: '22', user: 'nixremote' }
const attempt = ({ of = 'handshake', target, jump }: Message): Attempt => ({
  of,
  target: { ...where, alias: 'millwright-anna', ...target },
  ...(jump ? { jump: { ...where, alias: 'millwright-anna.jump', ...jump } } : {}),
})
const explained = (message: Message) => whyNixFailed(message.said.join('\n'), attempt(message))

/** Reasons whose words tell a person to give a right, or to take another key for the builder's. */
const givesRights = ['not-trusted', 'not-allowed', 'host-key-changed', 'jump-host-key-changed']

describe('the messages that are known', () => {
  afterAll(() => {
    const count = seen.length + fromSources.length + rights.length
    const real = seen.length + rights.filter((one) => one.seen).length
    console.log(`${count} messages, ${real} of them said by the real programs`)
  })

  it('are as many as there are kinds of trouble', () => {
    expect(seen.length + rights.length).toBeGreaterThan(150)
  })

  it.each(seen)('$case, said by $from in a $of, means $reason', (message) => {
    expect(explained(message).reason).toBe(message.reason)
  })

  it.each(fromSources)('$case of $from in a $of: $said.0 means $reason', (message) => {
    expect(explained(message).reason).toBe(message.reason)
  })

  it.each(rights)('$case of $from: $said.0 means $reason', ({ said, reason }) => {
    expect(whyNotRoot(said.join('\n'))?.reason ?? 'unknown').toBe(reason)
  })

  it.each([...seen, ...fromSources])('$case of $from keeps a line of what was said', (message) => {
    const { said } = explained(message)
    const text = message.said.join('\n').replace(/\s+/g, ' ')
    expect(said?.line).toBeTruthy()
    expect(text).toContain(said?.line.replace(/…$/, ''))
  })

  it('are the same with Windows line ends and in colours', () => {
    for (const message of seen) {
      const text = message.said
        .map((line) => line.replace(/^error:/, '\u001b[31;1merror:\u001b[0m'))
        .join('\r\n')
      expect(whyNixFailed(text, attempt(message)).reason).toBe(message.reason)
    }
  })
})

describe('what is said around them', () => {
  const sentence = fc.stringMatching(/^[a-z ,.:'()=-]{1,40}$/)
  const fragments = [...seen, ...fromSources]
    .filter(({ reason }) => givesRights.includes(reason))
    .flatMap(({ said }) => said.filter((line) => /privileged|not allowed|host key|HAS CHANGED/i.test(line)))

  it('never gives rights by a fragment in a longer line', () => {
    const line = fc.tuple(
      fc.constantFrom(...fragments),
      sentence.filter((text) => text.trim() !== ''),
    )
    fc.assert(
      fc.property(line, fc.constantFrom('handshake' as const, 'build' as const), ([fragment, more], of) => {
        const text = `x${more} ${fragment.trim()} ${more}x`
        const { reason } = whyNixFailed(text, attempt({ case: '', from: '', of, reason: '', said: [] }))
        expect(givesRights).not.toContain(reason)
      }),
      thousand,
    )
  })

  it('never gives rights for text that nobody has written', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 400 }),
      fc.array(sentence, { maxLength: 12 }).map((all) => all.join('\n')),
    )
    fc.assert(
      fc.property(text, fc.constantFrom('handshake' as const, 'build' as const), (said, of) => {
        const { reason } = whyNixFailed(said, attempt({ case: '', from: '', of, reason: '', said: [] }))
        expect(HelperReason.options).toContain(reason)
        expect(givesRights).not.toContain(reason)
        expect(whyNotRoot(said)).toBeUndefined()
      }),
      thousand,
    )
  })

  it('takes no time, however long and odd it is', () => {
    const long = [
      'error: '.repeat(20_000),
      `error: ${'a'.repeat(200_000)}`,
      '\u001b[31m'.repeat(50_000),
      "cannot build on '".repeat(20_000),
    ]
    const startMs = performance.now()
    for (const text of long) whyNixFailed(text, attempt({ case: '', from: '', reason: '', said: [] }))
    expect(performance.now() - startMs).toBeLessThan(5_000)
  })
})
