import type { CommandInput } from '../../../contract/commands'
import type { JobView } from '../../../contract/job'
import { type App, startApp } from '../../fakes/app'
import { debianServer, type Machine } from '../../fakes/machine'
import { createWorld, type World } from '../../fakes/world'

/** A world with the app running in it. */
export interface Stage {
  readonly world: World
  readonly app: App
}

/** A computer without builders, beside machines that could become some. */
export function emptyStage(...machines: readonly Machine[]): Stage {
  const world = createWorld(...machines)
  return { world, app: startApp(world) }
}

export function add({ app }: Stage, address: string, options: CommandInput<'add-builder'>['options'] = {}) {
  return app.run(app.handlers['add-builder']({ address, options }))
}

/** The same with builders that the app itself has added; a Debian server is called anna unless told otherwise. */
export async function stageWith(...machines: readonly Machine[]): Promise<Stage> {
  const stage = emptyStage(...(machines.length > 0 ? machines : [debianServer('anna')]))
  for (const { name, host } of stage.world.machines.values()) {
    if (name === 'gate') continue
    requireDone(await add(stage, `admin@${host}`))
  }
  await stage.app.refresh()
  return stage
}

/** For what a test only builds upon. */
export function requireDone(job: JobView | undefined): void {
  if (job && job.state !== 'done')
    throw new Error(`${job.kind} is ${job.state}: ${JSON.stringify(job.failure)}`)
}
