import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { tearDown } from '../../../helper/operations/set-up'
import { addIncludes, foreignFiles, hasIncludes } from '../../../helper/state/foreign-files'
import { activate, writeGeneration } from '../../../helper/state/generations'
import { prepareOwnDirectory } from '../../../helper/state/origin'
import { emptyState } from '../../../helper/state/state'
import { ownDirectory, type System, sshConfigPath } from '../../../helper/system/system'
import { registered, temporarySystem } from '../builder'

/** What somebody else does to a system, with us or without us. */
type Act = (system: System) => void

const file = (path: string, text: string) => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  writeFileSync(path, text, { mode: 0o644 })
}
const conf =
  (name: string, text: string): Act =>
  (system) =>
    file(`${system.nixConfigDirectory}/${name}`, text)
const gone =
  (pathOf: (system: System) => string): Act =>
  (system) =>
    rmSync(pathOf(system), { recursive: true, force: true })

const starts: Readonly<Record<string, readonly Act[]>> = {
  'nothing stands there': [],
  'nix.conf stands there': [conf('nix.conf', 'cores = 2\n')],
  'all stand there, without a last newline, or empty': [
    conf('nix.conf', 'cores = 2'),
    conf('nix.custom.conf', ''),
    (system) => file(sshConfigPath(system), 'Host *\n  User x'),
  ],
  'an empty nix.conf stands there': [conf('nix.conf', '')],
}
const meanwhile: Readonly<Record<string, readonly Act[]>> = {
  'nothing happens': [],
  'an installer writes nix.conf anew, which includes nix.custom.conf': [
    conf('nix.conf', 'include nix.custom.conf\n'),
  ],
  'Determinate Nix comes': [(system) => file(`${system.top}/usr/local/bin/determinate-nixd`, '')],
  'an installer comes and makes both files': [
    conf('nix.conf', '!include nix.custom.conf\n'),
    conf('nix.custom.conf', ''),
  ],
  'root’s ssh configuration is deleted': [gone(sshConfigPath)],
  'root’s .ssh is deleted': [gone((system) => dirname(sshConfigPath(system)))],
  'nix.conf is deleted': [gone(({ nixConfigDirectory }) => `${nixConfigDirectory}/nix.conf`)],
}
const cases = Object.keys(starts).flatMap((start) =>
  Object.keys(meanwhile).flatMap((change) => [true, false].map((hasNote) => ({ start, change, hasNote }))),
)

/** Every path below a system with its kind, its mode and what it holds. */
function treeOf({ top }: System): Record<string, string> {
  const entries = readdirSync(top, { recursive: true, withFileTypes: true })
  return Object.fromEntries(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name)
      const held = entry.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : ''
      return [relative(top, path), `${lstatSync(path).mode.toString(8)} ${held}`]
    }),
  )
}

describe('what is left when all is taken back', () => {
  const systems: System[] = []
  afterEach(() => {
    for (const { top } of systems.splice(0)) rmSync(top, { recursive: true })
  })
  const newSystem = (acts: readonly Act[] = []) => {
    const system = temporarySystem()
    systems.push(system)
    mkdirSync(system.nixConfigDirectory, { recursive: true, mode: 0o755 })
    mkdirSync(system.home)
    for (const act of acts) act(system)
    return system
  }
  const setUp = (system: System) => {
    prepareOwnDirectory(
      system,
      foreignFiles(system).map(({ path }) => path),
    )
    writeGeneration(system, {
      ...{ ...emptyState, version: 1, generation: 1, operation: 'test', at: '2026-01-01T00:00:00.000Z' },
      builders: [registered('anna')],
    })
    addIncludes(system)
    activate(system, 1)
  }

  it.each(cases)('is what would be there without us: $start, then $change, note: $hasNote', (one) => {
    const [start = [], change = []] = [starts[one.start], meanwhile[one.change]]
    const without = newSystem([...start, ...change])
    const system = newSystem(start)
    setUp(system)
    for (const act of change) act(system)
    // As putting back does it.
    addIncludes(system)
    expect(hasIncludes(system)).toBe(true)
    if (!one.hasNote) rmSync(`${ownDirectory(system)}/origin.json`)
    tearDown(system)
    const [expected, left] = [treeOf(without), treeOf(system)]
    // Without the note nobody can tell whose an empty folder is, nor that somebody has deleted what stood there once.
    const unknown = [
      'root/.ssh',
      ...(one.change.includes('deleted') ? Object.keys(treeOf(newSystem(start))) : []),
    ]
    for (const path of one.hasNote ? [] : unknown) if (left[path]) expected[path] ??= left[path]
    expect(left).toEqual(expected)
  })
})
