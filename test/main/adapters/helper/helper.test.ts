import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Question } from '../../../../contract/job'
import { protocolVersions } from '../../../../contract/version'
import { createHelper } from '../../../../main/adapters/helper/helper'
import { toFailure } from '../../../../main/failures'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A folder with two programs that do as told; below a home, whose parents are the owner's alone. */
function install(script: string, base = homedir()): string {
  const prefix = mkdtempSync(join(base, '.millwright-helper-'))
  folders.push(prefix)
  for (const name of ['millwright-switch', 'millwright-configure']) {
    writeFileSync(join(prefix, name), `#!/bin/sh\nname=${name}\n${script}`)
    chmodSync(join(prefix, name), 0o755)
  }
  return prefix
}

const helloOf = (more: object) =>
  `echo '${JSON.stringify({ type: 'hello', transaction: '1', euid: 0, version: '1', ...more })}'`
const hello = helloOf({ protocol: protocolVersions.helper })
const helperIn = (...prefixes: string[]) => createHelper({ terminal: 'none', prefixes })

describe('the way to the helper', () => {
  it('says that none is installed, and with which command it would be', async () => {
    const helper = helperIn('/nonexistent')
    expect(await helper.inspect()).toMatchObject({ state: 'missing', installCommand: expect.any(String) })
    expect(await helper.status().catch(toFailure)).toMatchObject({ code: 'HELPER_MISSING' })
  })

  it('does not run a helper that somebody else could have changed', async () => {
    const prefix = install(hello, tmpdir())
    expect((await helperIn(prefix).inspect()).state).toBe('insecure')
    expect(await helperIn(prefix).status().catch(toFailure)).toMatchObject({ code: 'HELPER_INSECURE' })
  })

  it('installs nothing as root that somebody else could have changed, and says the command', async () => {
    const script = join(install(hello, tmpdir()), 'install.mjs')
    writeFileSync(script, '')
    const helper = createHelper({ terminal: 'none', installer: { node: '/bin/sh', script } })
    expect((await helper.inspect()).isInstallable).toBe(false)
    expect(await helper.install().catch(toFailure)).toMatchObject({
      code: 'NO_WAY_TO_ROOT',
      facts: { command: 'sudo millwright helper install' },
    })
  })

  describe.skipIf(process.getuid?.() !== 0)('as root (needs root)', () => {
    it('installs by what its package brings, with the Node that lies there', async () => {
      const folder = install(hello)
      const script = join(folder, 'install.mjs')
      writeFileSync(
        script,
        'echo "$@" >"$(dirname "$0")/ran"; [ ! -e "$(dirname "$0")/broken" ] || { echo no room >&2; exit 3; }',
      )
      const helper = createHelper({ terminal: 'none', installer: { node: '/usr/bin/dash', script } })
      expect((await helper.inspect()).isInstallable).toBe(true)
      await helper.install()
      expect(readFileSync(join(folder, 'ran'), 'utf8')).toBe('install --runtime /usr/bin/dash\n')
      writeFileSync(join(folder, 'broken'), '')
      expect(await helper.install().catch(toFailure)).toMatchObject({
        code: 'HELPER_FAILED',
        detail: 'no room',
      })
    })

    it('hands the request over on stdin, to the program that holds the operation', async () => {
      const answer = `echo "{\\"type\\":\\"result\\",\\"code\\":\\"OK\\",\\"detail\\":\\"$name $# $(cat | tr -d '\\"')\\"}"`
      const helper = helperIn('/nonexistent', install(`${hello}\n${answer}\n`))
      expect(await helper.inspect()).toMatchObject({ state: 'ready', way: 'root' })
      const switched = await helper.call({ op: 'set-enabled', id: 'anna', enabled: true })
      expect(switched.detail).toBe('millwright-switch 0 {op:set-enabled,id:anna,enabled:true}')
      const configured = await helper.call({ op: 'remove-builder', id: 'anna' })
      expect(configured.detail).toBe('millwright-configure 0 {op:remove-builder,id:anna}')
    })

    it('tells with the status what went wrong beside the last change, until the next', async () => {
      const status = {
        ...{ version: '1', initialised: false, generations: [], remoteOnly: false, builders: [] },
        ...{ files: [], foreign: [], warnings: ['of its own'] },
      }
      const line = (more: object) => `echo '${JSON.stringify({ type: 'result', code: 'OK', ...more })}'`
      const script = `case $(cat) in
*status*) ${line({ status })} ;;
*true*) ${line({ warning: 'not noted' })} ;;
*) ${line({})} ;;
esac`
      const helper = helperIn(install(`${hello}\n${script}\n`))
      const warningsAfter = async (enabled: boolean) => {
        await helper.call({ op: 'set-enabled', id: 'anna', enabled })
        return (await helper.status()).warnings
      }
      expect(await warningsAfter(true)).toEqual(['of its own', 'not noted'])
      expect(await warningsAfter(false)).toEqual(['of its own'])
    })

    it('passes a refusal on with its reason, its builder and its detail', async () => {
      const result = '{"type":"result","code":"NEEDS_ATTENTION","reason":"unreachable","detail":"no route"}'
      const helper = helperIn(install(`${hello}\necho '${result}'\nexit 1\n`))
      expect(await helper.call({ op: 'ping', id: 'anna' }).catch(toFailure)).toEqual({
        code: 'UNREACHABLE',
        facts: { builder: 'anna' },
        detail: 'no route',
      })
    })

    it.each([
      ['exit 126', 'AUTHORISATION_DISMISSED'],
      ['echo "Error executing command as another user: Not authorized" >&2; exit 127', 'NOT_AUTHORISED'],
      [
        'echo "Error executing command as another user: Request dismissed" >&2; exit 126',
        'AUTHORISATION_DISMISSED',
      ],
      ['echo not authorised >&2; exit 127', 'HELPER_FAILED'],
      ['echo "sudo: 3 incorrect password attempts" >&2; exit 1', 'NOT_AUTHORISED'],
      ['echo "sudo: a password is required" >&2; exit 1', 'NO_WAY_TO_ROOT'],
      ['echo "sudo: /etc/sudoers is world writable" >&2; exit 1', 'ROOT_WAY_BROKEN'],
      [`${hello}; exit 1`, 'HELPER_FAILED'],
      ['echo garbage; exit 0', 'HELPER_FAILED'],
    ])('tells what became of it when the helper ends by %j', async (script, code) => {
      const helper = helperIn(install(`${script}\n`))
      expect(await helper.call({ op: 'ping', id: 'anna' }).catch(toFailure)).toMatchObject({ code })
    })

    it.each([
      ['the first version, which does not say so', {}],
      ['a later one', { protocol: protocolVersions.helper + 1 }],
    ])('says that the helper is of %s when it does not understand', async (_, more) => {
      const refusal = '{"type":"result","code":"INVALID","reason":"grammar","detail":"op is not…"}'
      const helper = helperIn(install(`${helloOf(more)}\necho '${refusal}'\nexit 1\n`))
      expect(await helper.call({ op: 'uninstall' }).catch(toFailure)).toMatchObject({
        code: 'HELPER_OUTDATED',
        facts: { helper: '1', command: expect.stringContaining('helper install') },
        detail: 'op is not…',
      })
    })

    it('lets a helper of another version do what it understands, and passes over what it says besides', async () => {
      const result = '{"type":"result","code":"OK","detail":"done","mood":"good"}'
      const helper = helperIn(install(`${helloOf({ mood: 'good' })}\necho '${result}'\n`))
      expect(await helper.call({ op: 'uninstall' })).toMatchObject({ detail: 'done' })
    })

    it('stops waiting when it is cancelled', async () => {
      const helper = helperIn(install('exec sleep 60\n'))
      const failure = helper
        .call({ op: 'ping', id: 'anna' }, { signal: AbortSignal.timeout(50) })
        .catch(toFailure)
      expect(await failure).toMatchObject({ code: 'CANCELLED' })
    })
  })
})

describe.skipIf(process.getuid?.() !== 0)('where nothing can ask for root (needs root)', () => {
  it('puts the exact command to the person and takes what it printed', async () => {
    const helper = createHelper({ terminal: 'none', prefixes: [install(hello)], ways: [] })
    const asked: Question[] = []
    const pasted = ['nonsense', `{"type":"result","code":"OK","detail":"by hand"}`]
    const ask = async (question: Question) => {
      asked.push(question)
      return { kind: 'text' as const, text: pasted[asked.length - 1] ?? '' }
    }
    expect((await helper.call({ op: 'ping', id: 'anna' }, { ask })).detail).toBe('by hand')
    expect(asked).toMatchObject([
      {
        kind: 'run-as-root',
        again: false,
        command: expect.stringContaining(`'{"op":"ping","id":"anna"}' | `),
      },
      { kind: 'run-as-root', again: true },
    ])
  })

  it('says so, with the command, when nobody is there to run it', async () => {
    const helper = createHelper({ terminal: 'none', prefixes: [install(hello)], ways: [] })
    expect(await helper.call({ op: 'ping', id: 'anna' }).catch(toFailure)).toMatchObject({
      code: 'NO_WAY_TO_ROOT',
      facts: { command: expect.stringContaining('millwright-switch') },
    })
  })
})
