import { once } from 'node:events'
import ssh2, { type ServerChannel } from 'ssh2'
import { afterEach, describe, expect, it } from 'vitest'
import { runScript } from '../../../../main/adapters/ssh/connection/run-script'
import { toFailure } from '../../../../main/failures'
import type { RunOptions } from '../../../../main/ports/ssh'
import { type FakeServer, startSshServer } from './ssh-server'

const limits = { shellMs: 300, closedInputMs: 200, rootMs: 400 }
const signal = new AbortController().signal
const asUser: RunOptions = { as: 'user', timeoutMs: 5000, signal }
const asRoot = (rootWay: NonNullable<RunOptions['rootWay']>, more: Partial<RunOptions> = {}): RunOptions => ({
  ...{ as: 'root', rootWay, timeoutMs: 5000, signal },
  ...more,
})

let closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing) await close()
  closing = []
})

/** Runs a script at a login that does this with every command, and notes what was sent to it. */
async function runAt(
  act: (command: string, stream: ServerChannel, sent: () => string) => void,
  options = asUser,
) {
  let sent = ''
  const server: FakeServer = await startSshServer({
    accepts: () => true,
    onCommand: (command, stream) => {
      stream.on('data', (data: Buffer) => {
        sent += data
      })
      stream.on('error', () => {})
      act(command, stream, () => sent)
    },
  })
  const client = new ssh2.Client()
  closing.push(async () => {
    client.end()
    await server[Symbol.asyncDispose]()
  })
  client.connect({ host: '127.0.0.1', port: server.port, username: 'anna', password: 'x' })
  await once(client, 'ready')
  const began = performance.now()
  const login = { user: 'anna', host: 'otto' }
  const run = await runScript(client, login, 'true', options, limits).then(
    (result) => ({ result, failure: undefined }),
    (error: unknown) => ({ result: undefined, failure: toFailure(error) }),
  )
  return { ...run, sent, tookMs: performance.now() - began }
}

const word = (command: string, name: string) => new RegExp(`${name}-[0-9a-f]{24}`).exec(command)?.[0] ?? ''
const end = (stream: ServerChannel, code: number) => {
  stream.exit(code)
  stream.end()
}

describe('a login that runs something else than it is asked to', () => {
  it('is told at once where it ends, with its status and first words', async () => {
    const { failure, sent } = await runAt((_, stream) => {
      stream.write('\nThis account is currently not available.\n')
      end(stream, 1)
    })
    expect(failure).toMatchObject({
      code: 'REMOTE_COMMAND_NOT_RUN',
      facts: {
        instead: 'ended',
        status: '1',
        said: 'This account is currently not available.',
        user: 'anna',
      },
    })
    expect(sent).toBe('')
  })

  it('is told within seconds where it waits for input, and never gets the script', async () => {
    const { failure, sent, tookMs } = await runAt((_, stream) => {
      stream.stderr.write('serving\n')
      stream.on('end', () => end(stream, 0))
    })
    expect(failure).toMatchObject({ facts: { instead: 'other-program', said: 'serving' } })
    expect(sent).toBe('')
    expect(tookMs).toBeLessThan(2000)
  })

  it('is told as a start-up file that reads the input where the shell goes on once that is closed', async () => {
    const { failure } = await runAt((command, stream) => {
      stream.on('end', () => {
        stream.write(`${word(command, 'READY')} /usr/bin/zsh\n`)
        end(stream, 0)
      })
    })
    expect(failure).toMatchObject({ facts: { instead: 'reads-input', shell: '/usr/bin/zsh' } })
  })

  it('is left where nothing ends it', async () => {
    const { failure, tookMs } = await runAt(() => {})
    expect(failure).toMatchObject({ facts: { instead: 'silent' } })
    expect(tookMs).toBeLessThan(4000)
  })

  it('is left where it prints without end', async () => {
    const { failure } = await runAt((_, stream) => {
      const print = () => {
        while (stream.writable && stream.write('all work and no play\n'.repeat(1000))) {}
        if (stream.writable) stream.once('drain', print)
      }
      print()
    })
    expect(failure).toMatchObject({ facts: { instead: 'endless', said: 'all work and no play' } })
  })

  it('is not believed where it merely repeats the command', async () => {
    const { failure, sent } = await runAt((command, stream) => {
      stream.write(`You may not run: ${command}\n`)
      end(stream, 126)
    })
    expect(failure).toMatchObject({ facts: { instead: 'ended', status: '126' } })
    expect(sent).toBe('')
  })

  it('gets the script once its own shell has spoken, after whatever a start-up file prints', async () => {
    const { result, sent } = await runAt((command, stream, heard) => {
      stream.write(`Welcome\n${word(command, 'READY')} /bin/bash\nearly `)
      stream.on('data', () => {
        if (!heard().endsWith('}\n')) return
        stream.write('done\n')
        end(stream, 3)
      })
    })
    expect(result).toEqual({ code: 3, stdout: 'early done\n', stderr: '' })
    expect(sent).toContain('true')
  })
})

describe('a password for becoming root', () => {
  const password = 'hunter2 is it'

  it.each([
    ['sudo-unsure', 'admin', 'ROOT_PASSWORD_OF_ANOTHER', ''],
    ['sudo-password', 'root', 'ROOT_PASSWORD_OF_ANOTHER', ''],
    ['sudo-password', 'anna', 'SUDO_PASSWORD_WRONG', `${password}\n`],
    ['sudo-password', '%p', 'SUDO_PASSWORD_WRONG', `${password}\n`],
  ] as const)('goes by %s to a question for %s: %s', async (way, owner, code, expected) => {
    const { failure, sent } = await runAt(
      (command, stream) => {
        const ask = () => stream.stderr.write(`${word(command, 'PROMPT')}:${owner}:`)
        ask()
        stream.on('data', ask)
        stream.on('end', () => end(stream, 1))
      },
      asRoot(way, { sudoPassword: password }),
    )
    expect(failure?.code).toBe(code)
    if (code === 'ROOT_PASSWORD_OF_ANOTHER') expect(failure?.facts).toMatchObject({ owner, user: 'anna' })
    expect(sent).toBe(expected)
  })

  it('goes to root’s question where it is root’s', async () => {
    const { sent } = await runAt(
      (command, stream) => {
        stream.stderr.write(`${word(command, 'PROMPT')}:root:`)
        stream.on('data', () => end(stream, 1))
      },
      asRoot('sudo-password', { sudoPassword: password, passwordOwner: 'root' }),
    )
    expect(sent).toBe(`${password}\n`)
  })

  it.each([
    ['doas-password', 'doas (anna@otto) password: '],
    ['su', 'Password: '],
  ] as const)(
    'goes by %s to the tool’s own words on a terminal, and to none before',
    async (way, question) => {
      const before = await runAt(
        (_, stream) => {
          stream.write(question)
          stream.on('data', () => end(stream, 0))
        },
        asRoot(way, { sudoPassword: password }),
      )
      expect(before.sent).toBe('')
      const owner = way === 'su' ? 'root' : 'anna'
      const asked = await runAt(
        (command, stream) => {
          stream.write(`${question}\n${word(command, 'ASK')}\n${question}`)
          stream.on('data', (data: Buffer) => {
            stream.write(`\n${data}su: Authentication failure\n`)
            end(stream, 1)
          })
        },
        asRoot(way, { sudoPassword: password, passwordOwner: owner }),
      )
      expect(asked.sent).toBe(`${password}\n`)
      expect(asked.failure?.code).toBe('SUDO_PASSWORD_WRONG')
      expect(JSON.stringify(asked.failure)).not.toContain(password)
    },
  )

  it.each([
    ['plain is not in the sudoers file.', 'SUDO_NOT_ALLOWED'],
    ['sudo: account validation failure, is your account locked?', 'ROOT_NOT_REACHED'],
  ])('ends in the tool’s own words: %s', async (said, code) => {
    const { failure } = await runAt(
      (command, stream) => {
        stream.stderr.write(`${word(command, 'PROMPT')}:anna:`)
        stream.on('data', () => {
          stream.stderr.write(`\n${said}\n`)
          end(stream, 1)
        })
      },
      asRoot('sudo-unsure', { sudoPassword: password }),
    )
    expect(failure).toMatchObject({ code, facts: { said } })
  })

  it('is waited for no longer than it takes, where nothing answers', async () => {
    const { failure, sent, tookMs } = await runAt(
      (_, stream) => stream.stderr.write('Use it wisely.\nVerification code: '),
      asRoot('sudo-password', { sudoPassword: password }),
    )
    expect(failure).toMatchObject({ code: 'ROOT_NOT_REACHED', facts: { said: 'Verification code:' } })
    expect(sent).toBe('')
    expect(tookMs).toBeLessThan(4000)
  })
})
