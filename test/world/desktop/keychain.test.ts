import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Fleet, openFleet } from '../fleet/fleet'
import { nodeOnHost, projectOnHost } from '../fleet/on-host'

const program = `${projectOnHost}/test/main/adapters/data/keychain-program.ts`
const isRoot = process.getuid?.() === 0

describe.skipIf(!isRoot)('the keychain (needs root: sudo npx vitest run --project world)', () => {
  let fleet: Fleet<'client'>
  let home: string
  beforeAll(async () => {
    fleet = await openFleet({ hosts: { client: 'client' } })
  })
  afterAll(() => fleet?.close())
  beforeEach(async () => {
    const make = 'home=$(mktemp -d) && mkdir -m 0700 "$home/run" && echo "$home"'
    home = (await fleet.host('client').must(['sh', '-c', make], { user: 'dev' })).trim()
  })

  const filePath = () => `${home}/secrets.json`
  const hasFile = async () => (await fleet.host('client').exec(['test', '-e', filePath()])).code === 0

  /** Runs the orders in a fresh session with a bus of its own; `before` brings up a keyring, or does not. */
  async function inSession(before: string, orders: readonly string[], busOptions: readonly string[] = []) {
    const node = [nodeOnHost, '--import', 'tsx', program, filePath(), ...orders]
    const script = `${before}\nexec "$@"`
    const argv = ['dbus-run-session', ...busOptions, '--', 'bash', '-c', script, 'session', ...node]
    const env = { HOME: home, XDG_RUNTIME_DIR: `${home}/run` }
    const { stdout, stderr } = await fleet
      .host('client')
      .exec(argv, { user: 'dev', cwd: projectOnHost, env, timeoutMs: 50_000 })
    if (stdout === '') throw new Error(stderr)
    return stdout.trim().split('\n')
  }

  const unlocked = 'echo -n password | gnome-keyring-daemon --unlock --components=secrets >/dev/null'

  it('keeps secrets in the Secret Service, across processes and not in a file', async () => {
    const first = await inSession(unlocked, ['kind', 'get key', 'set key s3cret', 'get key'])
    expect(first).toEqual(['kind: os', 'get: -', 'set: -', 'get: s3cret'])
    const second = await inSession(unlocked, ['get key', 'delete key', 'get key'])
    expect(second).toEqual(['get: s3cret', 'delete: -', 'get: -'])
    expect(await hasFile()).toBe(false)
  })

  const bus = async () => {
    const config = `${home}/bus.conf`
    await fleet
      .host('client')
      .writeFile(
        config,
        `<busconfig><type>session</type><listen>unix:dir=${home}/run</listen><policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>\n`,
        { owner: 'dev' },
      )
    return ['--config-file', config]
  }

  it('has none without a Secret Service, and takes a file only once it is allowed', async () => {
    const said = await inSession(':', ['kind', 'set key s3cret'], await bus())
    expect(said).toEqual(['kind: none', 'set: KEYCHAIN_UNAVAILABLE'])
    expect(await hasFile()).toBe(false)
    const allowed = await inSession(':', ['consent', 'kind', 'set key s3cret', 'get key'], await bus())
    expect(allowed).toEqual(['consent: -', 'kind: file', 'set: -', 'get: s3cret'])
    expect(JSON.parse(await fleet.host('client').readFile(filePath()))).toEqual({ key: 's3cret' })
    expect(await inSession(':', ['delete key', 'get key'], await bus())).toEqual(['delete: -', 'get: -'])
  })

  it('has none while the keyring is locked and nobody can be asked', async () => {
    await inSession(unlocked, ['set key s3cret'])
    const locked = 'gnome-keyring-daemon --start --components=secrets >/dev/null'
    expect(await inSession(locked, ['kind', 'get key'])).toEqual(['kind: none', 'get: -'])
  })
})
