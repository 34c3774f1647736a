import { createTrail } from '../../../helper/audit/trail'
import { tearDown } from '../../../helper/operations/set-up'
import { openOutput } from '../../../helper/protocol/output'
import { resultOf } from '../../../helper/protocol/result-of'
import { addIncludes, foreignFiles } from '../../../helper/state/foreign-files'
import {
  activate,
  generationPath,
  recoverGenerations,
  writeGeneration,
} from '../../../helper/state/generations'
import { prepareOwnDirectory } from '../../../helper/state/origin'
import { changeBuilder, desiredStateOf, emptyState, type State } from '../../../helper/state/state'
import { removeTree } from '../../../helper/system/disk'
import { withLock } from '../../../helper/system/lock'
import { thisSystem } from '../../../helper/system/system'
import { quietContext, registered } from '../builder'

/**
 * Changes root's files below a folder as the operations do, without Nix: `add`, `switch` or `remove`. For a test that has
 * strace(1) let its calls fail. Arguments: the folder, the verb.
 */
const [root = '', verb = ''] = process.argv.slice(2)
process.umask(0o077)
const system = thisSystem(root, process.getuid?.() ?? 0)
const output = openOutput(1)
const trail = createTrail(system, 'helper.log', 'test', { op: 'set-enabled', id: 'anna', enabled: true })
const stateOf = (generation: number, wanted: Partial<State>): State => ({
  ...{ ...emptyState, version: 1, operation: verb, at: '2026-01-01T00:00:00.000Z', ...wanted },
  generation,
})

async function change(): Promise<void> {
  const current = recoverGenerations(system)
  trail.begin(verb)
  if (verb === 'add') add()
  else if (verb === 'remove') tearDown(system)
  else if (current) turnOn(current)
}

function add(): void {
  tearDown(system)
  try {
    prepareOwnDirectory(
      system,
      foreignFiles(system).map(({ path }) => path),
    )
    writeGeneration(system, stateOf(1, { builders: [registered('anna', false)] }))
    addIncludes(system)
    activate(system, 1)
  } catch (error) {
    tearDown(system)
    throw error
  }
}

function turnOn(current: State): void {
  const next = stateOf(
    current.generation + 1,
    changeBuilder(desiredStateOf(current), 'anna', { enabled: true }),
  )
  try {
    writeGeneration(system, next)
  } catch (error) {
    removeTree(generationPath(system, next.generation))
    throw error
  }
  activate(system, next.generation)
}

async function run(): Promise<void> {
  output.say({ type: 'hello', transaction: 'test', euid: 0, version: '1', protocol: 1 })
  const result = await withLock(quietContext(system), change).then(
    () => ({ type: 'result', code: 'OK' }) as const,
    resultOf,
  )
  output.finish(trail.end(result))
  process.exit(0)
}
void run()
