import { lstat, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { AutostartView, AutostartWay } from '../../../contract/preferences'
import {
  autostartEntry,
  canBeInEntry,
  canBeInUnit,
  isEntryOn,
  sessionUnit,
} from '../../../core/system/autostart-files'
import { fail } from '../../failures'
import type { AutostartPort } from '../../ports/preferences'
import { readPlainText } from '../data/read-file'
import { writeFileWhole } from '../data/write-file'
import { configFolder } from './folders'
import { runProgram } from './run-program'

/** What there is to start, and with what. */
export interface AutostartMeans {
  /** The program that shows Millwright, and its words; absent where it is not known: then nothing is offered. */
  readonly command?: readonly string[]
  /** The system's own list of what starts at login, on macOS. */
  readonly loginItem?: { isOn(): boolean; set(on: boolean): void }
}

const unitName = 'millwright.service'

/** Starting at login: an entry of XDG autostart or a unit of systemd's user manager on Linux, a login item on macOS. */
export function createAutostart({ command, loginItem }: AutostartMeans): AutostartPort {
  return loginItem ? byLoginItem(loginItem) : byFiles(command, configFolder())
}

function byLoginItem(item: NonNullable<AutostartMeans['loginItem']>): AutostartPort {
  return {
    read: async () => ({ way: item.isOn() ? 'desktop' : 'off', offered: ['off', 'desktop'] }),
    set: async (way) => item.set(way === 'desktop'),
  }
}

function byFiles(command: readonly string[] | undefined, folder: string): AutostartPort {
  const entry = join(folder, 'autostart/org.millwright.Millwright.desktop')
  const unit = join(folder, 'systemd/user', unitName)
  const wanted = join(folder, 'systemd/user/graphical-session.target.wants', unitName)
  let hasManager = false

  const offered = async (): Promise<AutostartView['offered']> => {
    if (!command) return ['off']
    const desktop = canBeInEntry(command) ? (['desktop'] as const) : []
    // Once it has answered it is there; one that does not yet, early at login, may later.
    hasManager ||= canBeInUnit(command) && (await runsTheSession())
    return ['off', ...desktop, ...(hasManager ? (['systemd'] as const) : [])]
  }
  const way = async (): Promise<AutostartWay> => {
    // No entry, or none that the desktop could read: it is off.
    const text = await readPlainText(entry).catch(() => undefined)
    if (text !== undefined && isEntryOn(text)) return 'desktop'
    return (await exists(wanted)) && (await exists(unit)) ? 'systemd' : 'off'
  }
  const removeUnit = async () => {
    if (!(await exists(unit)) && !(await exists(wanted))) return
    await systemctl('disable', unitName)
    // Also where no manager answers any more, as over ssh.
    await remove(wanted)
    await remove(unit)
    await systemctl('daemon-reload')
  }
  const makeUnit = async (words: readonly string[]) => {
    await write(unit, sessionUnit(words))
    await systemctl('daemon-reload')
    const said = await systemctl('enable', unitName)
    if (await exists(wanted)) return
    await removeUnit()
    fail('AUTOSTART_FAILED', {}, said)
  }
  return {
    read: async () => {
      const [now, ways] = await Promise.all([way(), offered()])
      return { way: now, offered: ways.includes(now) ? ways : [...ways, now] }
    },
    set: async (wish) => {
      // The new way first: should it fail, the old one still stands.
      if (wish !== 'off') {
        if (!command || !(await offered()).includes(wish)) fail('AUTOSTART_FAILED')
        if (wish === 'desktop') await write(entry, autostartEntry(command))
        else await makeUnit(command)
      }
      if (wish !== 'desktop') await remove(entry)
      if (wish !== 'systemd') await removeUnit()
    },
  }
}

/** Whether systemd's user manager answers, and keeps the target that the unit hangs on. */
async function runsTheSession(): Promise<boolean> {
  const { status } = await runProgram(
    ['systemctl', '--user', '--quiet', 'is-active', 'graphical-session.target'],
    {
      timeoutMs: 1_000,
    },
  )
  return status === 0
}

async function systemctl(...words: readonly string[]): Promise<string> {
  const { stderr } = await runProgram(['systemctl', '--user', ...words], { timeoutMs: 10_000 })
  return stderr
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFileWhole(path, text)
  } catch (error) {
    fail('AUTOSTART_FAILED', { path }, String(error))
  }
}

/** Removes a file and the folders that are empty without it, which may have been made for it. */
async function remove(path: string): Promise<void> {
  if (!(await exists(path))) return
  try {
    await rm(path, { force: true })
  } catch (error) {
    fail('AUTOSTART_FAILED', { path }, String(error))
  }
  const folder = configFolder()
  let empty = dirname(path)
  while (empty !== folder && (await rmdir(empty).then(...yesOrNo))) empty = dirname(empty)
}

/** A link to nothing is one too. */
const exists = (path: string) => lstat(path).then(...yesOrNo)
const yesOrNo = [() => true, () => false] as const
