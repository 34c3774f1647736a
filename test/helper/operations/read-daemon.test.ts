import { chmodSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pingLine } from '../../../helper/operations/ping-line'
import { readDaemon } from '../../../helper/operations/read-daemon'
import { Refusal } from '../../../helper/protocol/refusal'
import { addIncludes } from '../../../helper/state/foreign-files'
import { activate, writeGeneration } from '../../../helper/state/generations'
import { emptyState } from '../../../helper/state/state'
import type { System } from '../../../helper/system/system'
import { hasProgram } from '../../differential/programs'
import { quietContext, registered, temporarySystem } from '../builder'

const legacy = 'builders = ssh://legacy@10.9.9.9 x86_64-linux'
const none = { env: {}, options: [] }

/** What stands where, beside our own line at the end of nix.conf, and what is said of it. */
interface Situation {
  readonly name: string
  readonly files?: Readonly<Record<string, string>>
  readonly settings?: {
    readonly env: Readonly<Record<string, string>>
    readonly options: readonly (readonly [string, string])[]
  }
  /** Cause and place, `ETC` for the folder of Nix's settings; absent: nothing is in the way. */
  readonly cause?: string
  readonly at?: string
}

const ours = '!include ETC/millwright/current/nix.conf'
const list = '@ETC/millwright/current/machines'

const situations: readonly Situation[] = [
  { name: 'our line alone' },
  { name: 'a line above ours', files: { 'nix.conf': `${legacy}\n${ours}\n` } },
  {
    name: 'a line below ours',
    files: { 'nix.conf': `${ours}\ncores = 1\n${legacy}\n` },
    ...{ cause: 'overridden', at: 'ETC/nix.conf:3' },
  },
  { name: 'a line below ours that is a comment', files: { 'nix.conf': `${ours}\n# ${legacy}\n` } },
  {
    name: 'a line below ours that names our list too',
    files: { 'nix.conf': `${ours}\nbuilders = @ETC/machines;${list}\n` },
  },
  {
    name: 'a line below ours that names a file that names our list',
    files: { 'nix.conf': `${ours}\nbuilders = @ETC/all\n`, all: `${list}\n` },
  },
  {
    name: 'a line below ours that is empty',
    files: { 'nix.conf': `${ours}\nbuilders =\n` },
    ...{ cause: 'overridden', at: 'ETC/nix.conf:2' },
  },
  {
    name: 'an include below ours',
    files: { 'nix.conf': `${ours}\ninclude more.conf\n`, 'more.conf': `\n${legacy}\n` },
    ...{ cause: 'overridden', at: 'ETC/more.conf:2' },
  },
  {
    name: 'an include below ours that says nothing of builders',
    files: { 'nix.conf': `${ours}\ninclude more.conf\n`, 'more.conf': 'cores = 2\n' },
  },
  { name: 'an optional include that is lost', files: { 'nix.conf': `${ours}\n!include gone.conf\n` } },
  {
    name: 'an include that is lost',
    files: { 'nix.conf': `${ours}\ninclude gone.conf\n` },
    ...{ cause: 'conf-broken', at: 'ETC/nix.conf:2' },
  },
  {
    name: 'a line that Nix cannot read',
    files: { 'nix.conf': `${ours}\nmax-jobs=4\n` },
    ...{ cause: 'conf-broken', at: 'ETC/nix.conf:2' },
  },
  {
    name: 'our line gone',
    files: { 'nix.conf': 'cores = 1\n' },
    ...{ cause: 'line-lost', at: 'ETC/nix.conf' },
  },
  {
    name: 'our line in a comment',
    files: { 'nix.conf': `# ${ours}\n` },
    ...{ cause: 'line-lost', at: 'ETC/nix.conf' },
  },
  {
    name: 'nix.conf gone',
    files: { 'nix.conf': '' },
    ...{ cause: 'line-lost', at: 'ETC/nix.conf' },
  },
  {
    name: 'our line in nix.custom.conf, which nix.conf includes',
    files: { 'nix.conf': 'cores = 1\n!include nix.custom.conf\n', 'nix.custom.conf': `${ours}\n` },
  },
  {
    name: 'nix.custom.conf written anew',
    files: { 'nix.conf': 'cores = 1\n!include nix.custom.conf\n', 'nix.custom.conf': 'cores = 2\n' },
    ...{ cause: 'line-lost', at: 'ETC/nix.custom.conf' },
  },
  {
    name: 'root’s own nix.conf',
    files: { 'HOME/.config/nix/nix.conf': `cores = 1\n${legacy}\n` },
    ...{ cause: 'overridden', at: 'HOME/.config/nix/nix.conf:2' },
  },
  {
    name: 'root’s own nix.conf that says nothing of builders',
    files: { 'HOME/.config/nix/nix.conf': 'max-jobs = 2\n' },
  },
  {
    name: 'XDG_CONFIG_HOME of the service',
    files: { 'HOME/xdg/nix/nix.conf': `${legacy}\n` },
    settings: { env: { XDG_CONFIG_HOME: 'HOME/xdg' }, options: [] },
    ...{ cause: 'overridden', at: 'HOME/xdg/nix/nix.conf:1' },
  },
  {
    name: 'NIX_USER_CONF_FILES of the service, the first of which has the last word',
    files: { 'HOME/a.conf': `${legacy}\n`, 'HOME/b.conf': 'builders =\n' },
    settings: { env: { NIX_USER_CONF_FILES: 'HOME/a.conf:HOME/b.conf' }, options: [] },
    ...{ cause: 'overridden', at: 'HOME/a.conf:1' },
  },
  {
    name: 'NIX_CONFIG of the service',
    settings: { env: { NIX_CONFIG: 'cores = 1\nbuilders =' }, options: [] },
    ...{ cause: 'overridden', at: 'NIX_CONFIG of the Nix daemon’s service' },
  },
  {
    name: 'NIX_CONF_DIR of the service',
    files: { 'HOME/other/nix.conf': 'cores = 1\n' },
    settings: { env: { NIX_CONF_DIR: 'HOME/other' }, options: [] },
    ...{ cause: 'other-folder', at: 'NIX_CONF_DIR of the Nix daemon’s service' },
  },
  {
    name: 'an option of the service',
    settings: { env: {}, options: [['builders', '']] },
    ...{ cause: 'overridden', at: 'an option of the Nix daemon’s service' },
  },
  {
    name: 'another program for builders below ours',
    files: { 'nix.conf': `${ours}\nbuild-hook = /bin/false\n` },
    ...{ cause: 'other-hook', at: 'ETC/nix.conf:2' },
  },
  {
    name: 'no program for builders',
    files: { 'nix.conf': `build-hook =\n${ours}\n` },
    ...{ cause: 'other-hook', at: 'ETC/nix.conf:1' },
  },
  {
    name: 'an option of the service that names another program for builders',
    settings: { env: {}, options: [['build-hook', '/bin/true']] },
    ...{ cause: 'other-hook', at: 'an option of the Nix daemon’s service' },
  },
  {
    name: 'Nix’s own program for builders, of another version',
    files: { 'nix.conf': `${ours}\nbuild-hook = /nix/store/x-nix-2.3/libexec/nix/build-remote\n` },
  },
  {
    name: 'NIX_CONF_DIR of the service, a folder that names ours',
    files: { 'HOME/other/nix.conf': `${ours}\n` },
    settings: { env: { NIX_CONF_DIR: 'HOME/other' }, options: [] },
  },
  {
    name: 'lines with Windows line ends',
    files: { 'nix.conf': `${ours}\r\nbuilders = @ETC/machines\r\n` },
    ...{ cause: 'overridden', at: 'ETC/nix.conf:2' },
  },
  {
    name: 'the same list named twice',
    files: { 'nix.conf': `${ours}\nbuilders = ${list};${list}\n` },
  },
  { name: 'NIX_REMOTE_SYSTEMS of the service', settings: { env: { NIX_REMOTE_SYSTEMS: '/x' }, options: [] } },
  {
    name: 'a machine of others that Nix cannot read',
    files: {
      'nix.conf': `${ours}\nbuilders = @ETC/machines;${list}\n`,
      machines: '# fine\nssh://x x86_64-linux - many\n',
    },
    ...{ cause: 'machines-broken', at: 'ETC/machines:2' },
  },
]

describe.skipIf(!hasProgram('nix'))('what the daemon goes by, as real Nix reads it', () => {
  let system: System
  beforeEach(() => {
    system = temporarySystem()
    mkdirSync(`${system.nixConfigDirectory}/millwright`, { recursive: true })
    mkdirSync(`${system.home}/.ssh`, { recursive: true })
    const state = { version: 1 as const, generation: 1, at: '', operation: 'put-builder', ...emptyState }
    writeGeneration(system, {
      ...state,
      existingBuilders: `@${system.nixConfigDirectory}/machines`,
      builders: [registered('anna'), registered('otto', false)],
    })
    activate(system, 1)
    addIncludes(system)
  })
  afterEach(() => rmSync(system.top, { recursive: true }))

  const placed = (text: string) =>
    text.replaceAll('ETC', system.nixConfigDirectory).replaceAll('HOME', system.home)
  const write = (name: string, text: string) => {
    const path = name.startsWith('HOME') ? placed(name) : `${system.nixConfigDirectory}/${name}`
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, placed(text))
  }
  const read = async (
    files: Situation['files'] = {},
    { env, options } = none as NonNullable<Situation['settings']>,
  ) => {
    for (const [name, text] of Object.entries(files)) write(name, text)
    const service = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, placed(value)]))
    return await readDaemon(system, { env: { HOME: system.home, ...service }, options })
  }

  it.each(situations)('says of $name what is so', async ({ files, settings, cause, at }) => {
    const view = await read(files, settings)
    const { inTheWay } = view ?? {}
    // Whether ssh knows our names is another matter, and here it is not root's.
    const found = inTheWay?.cause === 'ssh-line-lost' ? undefined : inTheWay
    const place = found && (found.line === undefined ? found.file : `${found.file}:${found.line}`)
    expect({ cause: found?.cause, at: place }).toEqual({ cause, at: at && placed(at) })
    if (cause) expect(view).toMatchObject({ used: [], readsOurs: false })
  })

  it('knows a daemon that has not been restarted since its files were put right, as far as it was looked at', async () => {
    const service = { env: { HOME: system.home }, options: [] }
    write('nix.conf', `${ours}\nbuilders =\n`)
    const cause = async (startedMs: number) =>
      (await readDaemon(system, { ...service, startedMs }))?.inTheWay?.cause
    mkdirSync(system.runDirectory, { recursive: true })
    // The last moment at which it may have been started after that line, by the clock of the kernel.
    const startedMs = Math.ceil(statSync(`${system.nixConfigDirectory}/nix.conf`).ctimeMs) - 1_000
    expect(await cause(startedMs)).toBe('overridden')
    write('nix.conf', `${ours}\n`)
    expect(await cause(startedMs)).toBe('not-restarted')
    expect(await cause(Date.now() + 5_000)).not.toBe('not-restarted')
  })

  it('has a person’s own switch in nobody’s way, where the store is theirs', async () => {
    write('nix.conf', `${ours}\n!include millwright.conf\n`)
    write('millwright.conf', 'builders =\n')
    const service = { env: { HOME: system.home }, options: [] }
    expect((await readDaemon(system, service))?.inTheWay?.cause).toBe('overridden')
    const view = await readDaemon({ ...system, whose: 'person' }, service)
    expect(view?.inTheWay?.cause).not.toBe('overridden')
    expect(view?.trustsCaller).toBe(true)
  })

  it('tells nothing of a file that not everybody may read but where it stands', async () => {
    write('machines', 'ssh://secret.example x86_64-linux - many\n')
    chmodSync(`${system.nixConfigDirectory}/machines`, 0o600)
    expect(JSON.stringify(await read())).not.toContain('secret')
  })

  it('tells the lines of others with all their columns, and to who may not read them their place alone', async () => {
    const file = `${system.nixConfigDirectory}/machines`
    const lines = 'ssh-ng://nix@legacy x86_64-linux /root/id 4 2 kvm - -\n\nssh://m1 - - 2\n'
    const others = (await read({ machines: lines }))?.others ?? []
    expect(others).toMatchObject([
      {
        ...{ file, line: 1 },
        machine: { uri: 'ssh-ng://nix@legacy', sshKey: '/root/id', maxJobs: 4, supportedFeatures: ['kvm'] },
      },
      { file, line: 3, machine: { uri: 'ssh://m1', maxJobs: 2 } },
    ])
    expect(new Set(others.map(({ key }) => key)).size).toBe(2)
    chmodSync(file, 0o600)
    const caller = process.env.SUDO_UID
    process.env.SUDO_UID = '4321'
    const told = (await read())?.others
    if (caller === undefined) delete process.env.SUDO_UID
    else process.env.SUDO_UID = caller
    const hidden = others.map(({ key, line }) => ({ key, file, line }))
    // Who is not root cannot hand on what root alone may read in the first place.
    if (process.geteuid?.() === 0) expect(told).toEqual(hidden)
  })

  it('asks a builder of others by its own line alone, for as long as that is as it was', async () => {
    mkdirSync(system.runDirectory, { recursive: true })
    const asked = async (key: string) => {
      const refusal = await pingLine(quietContext(system), key).catch((error: unknown) => error)
      return refusal instanceof Refusal ? refusal.reason : refusal
    }
    const line = 'ssh-ng://nobody@127.0.0.1 x86_64-linux - 4 1 - - -\n'
    const [one] = (await read({ machines: line }))?.others ?? []
    expect(await asked('f'.repeat(64))).toBe('no-such-line')
    expect(await asked(one?.key ?? '')).not.toBe('no-such-line')
    write('machines', `# moved\n${line}`)
    expect(await asked(one?.key ?? '')).toBe('no-such-line')
    const [local] = (await read({ machines: '/srv/store x86_64-linux\n' }))?.others ?? []
    expect(await asked(local?.key ?? '')).toBe('no-such-line')
  })

  it('names the lines of others that offer a machine of ours, by its name or its host key', async () => {
    const [key] = registered('anna').hostKeys
    const pin = Buffer.from(`${key?.type} ${key?.key}`).toString('base64')
    const view = await read({
      machines: [
        'ssh://other.example x86_64-linux',
        'ssh-ng://me@otto.example x86_64-linux',
        `ssh://192.0.2.7 x86_64-linux - 1 1 - - ${pin}`,
        'ssh-ng://me@otto.example:2222 x86_64-linux',
        `ssh://192.0.2.7:2222 x86_64-linux - 1 1 - - ${pin}`,
      ].join('\n'),
    })
    const file = `${system.nixConfigDirectory}/machines`
    expect(view?.alsoOffered).toEqual([
      { id: 'otto', file, line: 2 },
      { id: 'anna', file, line: 3 },
      { id: 'otto', file, line: 3 },
      { id: 'anna', file, line: 5 },
      { id: 'otto', file, line: 5 },
    ])
  })
})
