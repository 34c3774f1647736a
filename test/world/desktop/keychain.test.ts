import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { run } from '../fleet/process'

const program = resolve(import.meta.dirname, '../../main/adapters/data/keychain-program.ts')
const hasKeyring = existsSync('/usr/bin/gnome-keyring-daemon') && existsSync('/usr/bin/dbus-run-session')

describe.skipIf(!hasKeyring)('the keychain (needs gnome-keyring and dbus)', () => {
  let home: string
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'keychain-'))
    mkdirSync(join(home, 'run'), { mode: 0o700 })
  })
  afterEach(() => rmSync(home, { recursive: true, force: true }))

  const filePath = () => join(home, 'secrets.json')

  /** Runs the orders in a fresh session with a bus of its own; `before` brings up a keyring, or does not. */
  async function inSession(before: string, orders: readonly string[], busOptions: readonly string[] = []) {
    const node = [process.execPath, '--import', 'tsx', program, filePath(), ...orders]
    const script = `${before}\nexec "$@"`
    const argv = ['dbus-run-session', ...busOptions, '--', 'bash', '-c', script, 'session', ...node]
    const env = { PATH: process.env.PATH, HOME: home, XDG_RUNTIME_DIR: join(home, 'run'), LANG: 'C.UTF-8' }
    const { stdout, stderr } = await run(argv, { env, timeoutMs: 50_000 })
    if (stdout === '') throw new Error(stderr)
    return stdout.trim().split('\n')
  }

  const unlocked = 'echo -n password | gnome-keyring-daemon --unlock --components=secrets >/dev/null'

  it('keeps secrets in the Secret Service, across processes and not in a file', async () => {
    const first = await inSession(unlocked, ['kind', 'get key', 'set key s3cret', 'get key'])
    expect(first).toEqual(['kind: os', 'get: -', 'set: -', 'get: s3cret'])
    const second = await inSession(unlocked, ['get key', 'delete key', 'get key'])
    expect(second).toEqual(['get: s3cret', 'delete: -', 'get: -'])
    expect(existsSync(filePath())).toBe(false)
  })

  const bus = () => {
    const config = join(home, 'bus.conf')
    writeFileSync(
      config,
      `<busconfig><type>session</type><listen>unix:dir=${home}/run</listen><policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>\n`,
    )
    return ['--config-file', config]
  }

  it('has none without a Secret Service, and takes a file only once it is allowed', async () => {
    const said = await inSession(':', ['kind', 'set key s3cret'], bus())
    expect(said).toEqual(['kind: none', 'set: KEYCHAIN_UNAVAILABLE'])
    expect(existsSync(filePath())).toBe(false)
    const allowed = await inSession(':', ['consent', 'kind', 'set key s3cret', 'get key'], bus())
    expect(allowed).toEqual(['consent: -', 'kind: file', 'set: -', 'get: s3cret'])
    expect(JSON.parse(readFileSync(filePath(), 'utf8'))).toEqual({ key: 's3cret' })
    expect(await inSession(':', ['delete key', 'get key'], bus())).toEqual(['delete: -', 'get: -'])
  })

  it('has none while the keyring is locked and nobody can be asked', async () => {
    await inSession(unlocked, ['set key s3cret'])
    const locked = 'gnome-keyring-daemon --start --components=secrets >/dev/null'
    expect(await inSession(locked, ['kind', 'get key'])).toEqual(['kind: none', 'get: -'])
  })
})
