import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { runtimeFolder } from '../../test/e2e/stage'
import { projectOnHost } from '../../test/world/fleet/on-host'
import { terminate, until } from '../../test/world/fleet/process'
import type { Desk } from './desk'

/** An app that was started at a desk, as a person or the desktop starts it: nothing is attached to it. */
export interface TrayApp {
  /** From the start of its process until a panel has its icon and an answer to what its menu holds. */
  readonly readyMs: number
  /** From the same start until its menu lists a builder; waits for it. */
  listsMs(builder: string): Promise<number>
  /** The memory of all its processes by their proportional share (PSS of proc(5), smaps_rollup). */
  memoryBytes(): number
  /** The processor time that all its processes have taken so far, and all that they have started. */
  cpuMs(): number
  /** Its processes: what each is, with its proportional share of memory. */
  processes(): readonly { readonly what: string; readonly memoryBytes: number }[]
  /** Ends it as a session's end does, and waits until its last process is gone. */
  close(): Promise<void>
}

/** Looks much more often than `until` does: what is measured takes half a second. */
const lookEveryMs = 2
const patienceMs = 20_000

/** What is started, and with which words. */
export const apps = {
  empty: [`${projectOnHost}/bench/empty-app`],
  hidden: [projectOnHost, '--hidden'],
  shown: [projectOnHost],
} as const

/** Starts an app by the runtime of this machine and waits for its tray; it has a control group of its own. */
export async function startTrayApp({ stage, panel }: Desk, words: readonly string[]): Promise<TrayApp> {
  const { argv, group } = stage.desktop.enterAlone([`${runtimeFolder}/electron`, ...words], {
    env: { XDG_CURRENT_DESKTOP: 'KDE' },
  })
  const pids = () => readFileSync(join(group, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean)
  const close = async () => {
    for (const pid of pids().filter(isFirst)) terminate(Number(pid))
    await until(`the end of ${words.join(' ')}`, async () => pids().length === 0, patienceMs)
  }
  const when = async (what: string, isSo: () => Promise<boolean>) => {
    while (!(await isSo())) {
      const isTooLate = performance.now() - startMs > patienceMs
      if (isTooLate || child.exitCode !== null) throw new Error(`${words.join(' ')}: no ${what}`)
      await setTimeout(lookEveryMs)
    }
    return performance.now() - startMs
  }
  const menu = async () => (await panel.item()).menu().catch(() => [])
  const before = panel.registered()
  const [file = '', ...args] = argv
  const startMs = performance.now()
  const child = spawn(file, args, { stdio: 'ignore' })
  const readyMs = await when(
    'tray',
    async () => panel.registered() > before && (await menu()).length > 0,
  ).catch(async (error) => {
    await close()
    throw error
  })
  const processes = () => pids().filter(isOfApp).map(seeProcess)
  return {
    readyMs,
    listsMs: (builder) =>
      when(builder, async () => (await menu()).some(({ label }) => label.startsWith(builder))),
    processes,
    memoryBytes: () => processes().reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
    cpuMs: () => Number(/^usage_usec (\d+)/.exec(readFileSync(join(group, 'cpu.stat'), 'utf8'))?.[1]) / 1000,
    close,
  }
}

function commandOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return [] // It has ended.
  }
}

/** Not the shells that lead into the session. */
const isOfApp = (pid: string) => commandOf(pid)[0]?.startsWith(runtimeFolder) === true
const isFirst = (pid: string) => isOfApp(pid) && !commandOf(pid).some((word) => word.startsWith('--type='))

function seeProcess(pid: string) {
  const [, type = 'main'] = /--type=(\S+)/.exec(commandOf(pid).join(' ')) ?? []
  const [, kilobytes = '0'] = /^Pss:\s+(\d+) kB/m.exec(rollup(pid)) ?? []
  return { what: type, memoryBytes: Number(kilobytes) * 1024 }
}

function rollup(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  } catch {
    return ''
  }
}
