import type { Handlers } from '../../contract/api'
import type { Failure, Reply } from '../../contract/failure'
import type { JobView } from '../../contract/job'
import { isFailureCode } from '../../core/failures/rows'
import { createReadings } from '../../core/sync/readings'
import { applyReading } from '../../main/apply-reading'
import { createHandlers } from '../../main/commands'
import { initialState } from '../../main/initial-state'
import type { Jobs } from '../../main/jobs/job'
import { createJobs } from '../../main/jobs/jobs'
import { createStore, type Store } from '../../main/store'
import { readSystem } from '../../main/usecases/status/read-system'
import { failWith } from './fail-with'
import type { World } from './world'

/** The product's own commands, jobs and use-cases in a world of fakes, with the person in front of them. */
export interface App {
  readonly handlers: Handlers
  readonly store: Store
  readonly jobs: Jobs
  /** Reads the world into the store, as the app does at its start and after each job. */
  refresh(): Promise<void>
  /** Gives a command and waits for what comes of it: its job's last view, or undefined where it is done at once. */
  run(command: Promise<Reply<{ readonly jobId?: string }>>): Promise<JobView | undefined>
}

export interface AppOptions {
  readonly store?: Store
  /** Whether the person answers its questions; else the test does. */
  readonly isAttended?: boolean
}

export function startApp(
  { ports, person }: World,
  { store = createStore(initialState('0.0.0')), isAttended = true }: AppOptions = {},
): App {
  const jobs = createJobs(store, ports.clock, ports.records, ports.log)
  const beginReading = createReadings()
  const refresh = async () => {
    const claim = beginReading()
    const seen = await readSystem(ports)
    store.update((state) => applyReading(state, seen, claim))
  }
  const afterJob = async () => undefined
  if (isAttended) person.attend(store, jobs)
  return {
    handlers: createHandlers({
      ports,
      store,
      jobs,
      refresh,
      beginReading,
      afterJob,
      copyText: () => undefined,
    }),
    store,
    jobs,
    refresh,
    run: async (command) => {
      const reply = await command
      if (!reply.ok) return refused(reply.failure)
      const { jobId } = reply.value
      return jobId === undefined ? undefined : await ended(store, jobId)
    },
  }
}

/** What a command answers is plain data; here it is thrown again, as all else that fails. */
function refused({ code, facts, detail }: Failure): never {
  if (isFailureCode(code)) return failWith(code, facts)
  throw new Error(`${code} ${detail}`)
}

function ended(store: Store, jobId: string): Promise<JobView> {
  return new Promise((resolve) => {
    const look = () => {
      const job = store.state().jobs.find(({ id }) => id === jobId)
      if (job?.durationMs === undefined) return
      stop()
      resolve(job)
    }
    const stop = store.subscribe(look)
    look()
  })
}
