import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RegisteredBuilder } from '../../contract/builder'
import { apply, requireSetUp, withStateChange } from '../../helper/operations/apply-state'
import { desiredStateOf } from '../../helper/state/state'
import { keyPath, thisSystem } from '../../helper/system/system'
import { quietContext } from '../helper/builder'

/**
 * Runs on a host as root: puts many builders like the first one into root's files in one generation, with its key and
 * its record. Arguments: the host, its first port, how many, its host key as BASE64, the folder of records.
 */
const [host = '', firstPort = '', count = '', key = '', records = ''] = process.argv.slice(2)
const system = thisSystem()
const context = quietContext(system)

async function run(): Promise<void> {
  await withStateChange(context, { op: 'put-builder' }, async (current) => {
    const state = requireSetUp(current)
    const [like] = state.builders
    if (!like) throw new Error('there is no builder to be like')
    const fakes = Array.from({ length: Number(count) }, (_, n): RegisteredBuilder => {
      const id = `rack-${String(n).padStart(3, '0')}`
      return { ...like, id, host, port: Number(firstPort) + n, hostKeys: [{ type: 'ssh-ed25519', key }] }
    })
    const [record = ''] = readdirSync(records).filter((name) => name === `${like.id}.json`)
    const known = JSON.parse(readFileSync(join(records, record), 'utf8'))
    for (const { id } of fakes) {
      copyFileSync(keyPath(system, like.id), keyPath(system, id))
      writeFileSync(join(records, `${id}.json`), JSON.stringify({ ...known, id }), { mode: 0o600 })
    }
    const builders = [...state.builders, ...fakes]
    await apply(context, 'put-builder', state, {
      ...desiredStateOf(state),
      builders,
    })
  })
}
void run()
