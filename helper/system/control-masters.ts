import { existsSync, readdirSync, readFileSync } from 'node:fs'
import {
  type ControlMasterPaths,
  controlMasterName,
  renderControlMasterDaemon,
  renderControlMasterUnit,
} from '../../core/ssh/control-master'
import { removeFile, removeTree, writeWhole } from './disk'
import { findInstallation } from './find-installation'
import { run } from './process'
import { readPlainText } from './read-file'
import { controlMastersDirectory, currentLink, type System } from './system'

const timeoutMs = 60_000
/** The state of a unix socket in proc(5). ssh(1) binds its socket under a longer name, and links it then. */
const connected = '03'
const unitName = 'millwright-master@.service'

/** Whether something here can hold a connection open beside Nix: systemd or launchd. */
export function canRunControlMasters({ top, serviceDirectory }: System): boolean {
  const { manager = '' } = findInstallation(top)
  return existsSync(serviceDirectory) && ['systemd', 'launchd'].includes(manager)
}

/**
 * Lets exactly these builders have a held connection: starts and stops services, with the first and the last
 * their files come and go. What is there is the truth, so after a death at any point it goes on. A service that
 * does not start is no failure here: ssh then logs in for itself.
 */
export async function syncControlMasters(system: System, wanted: readonly string[]): Promise<void> {
  const held = heldIds(system)
  const isMac = system.platform === 'darwin'
  for (const id of held) if (!wanted.includes(id)) await (isMac ? unload(system, id) : stop(system, id))
  if (wanted.length === 0) return await removeAll(system)
  if (!canRunControlMasters(system)) return
  const paths = pathsOf(system)
  if (!isMac && put(`${system.serviceDirectory}/${unitName}`, renderControlMasterUnit(paths))) {
    await run(system, ['systemctl', 'daemon-reload'], { timeoutMs })
  }
  for (const id of wanted) {
    if (!isMac && !held.includes(id)) {
      await run(system, ['systemctl', 'enable', '--now', controlMasterName('linux', id)], { timeoutMs })
    }
    const plist = plistPath(system, id)
    if (isMac && put(plist, renderControlMasterDaemon(paths, id))) {
      await run(system, ['launchctl', 'bootstrap', 'system', plist], { timeoutMs })
    }
  }
}

/** Whether anything goes through a held connection now, as far as this system tells. */
export function isControlMasterInUse(system: System, id: string): boolean {
  if (system.platform === 'darwin') return false
  const path = `${controlMastersDirectory(system)}/${id}`
  return readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .map((line) => line.split(/\s+/))
    .some(
      ([, , , , , state, , name]) => state === connected && (name === path || name?.startsWith(`${path}.`)),
    )
}

function pathsOf(system: System): ControlMasterPaths {
  const found = system.searchPath.split(':').map((folder) => `${folder}/ssh`)
  return {
    ssh: found.find((path) => existsSync(path)) ?? '/usr/bin/ssh',
    sshConfig: `${currentLink(system)}/ssh_config`,
    sockets: controlMastersDirectory(system),
  }
}

/** Returns whether the file was not like that before. */
function put(path: string, text: string): boolean {
  if (existsSync(path) && readPlainText(path) === text) return false
  writeWhole(path, text, { mode: 0o644 })
  return true
}

/** The builders whose service is switched on. */
function heldIds({ platform, serviceDirectory }: System): string[] {
  const isMac = platform === 'darwin'
  const folder = isMac ? serviceDirectory : `${serviceDirectory}/multi-user.target.wants`
  const pattern = isMac ? /^org\.millwright\.master\.(.+)\.plist$/ : /^millwright-master@(.+)\.service$/
  if (!existsSync(folder)) return []
  return readdirSync(folder).flatMap((name) => pattern.exec(name)?.[1] ?? [])
}

/** What of it lies in the system's folder of services. */
export function controlMasterFiles(system: System): readonly string[] {
  const { platform, serviceDirectory } = system
  if (platform === 'darwin') return heldIds(system).map((id) => plistPath(system, id))
  return [`${serviceDirectory}/${unitName}`].filter((path) => existsSync(path))
}

function plistPath({ serviceDirectory }: System, id: string): string {
  return `${serviceDirectory}/${controlMasterName('darwin', id)}.plist`
}

async function stop(system: System, id: string): Promise<void> {
  await run(system, ['systemctl', 'disable', '--now', controlMasterName('linux', id)], { timeoutMs })
  removeFile(`${system.serviceDirectory}/multi-user.target.wants/${controlMasterName('linux', id)}`)
}

async function unload(system: System, id: string): Promise<void> {
  await run(system, ['launchctl', 'bootout', `system/${controlMasterName('darwin', id)}`], { timeoutMs })
  removeFile(plistPath(system, id))
}

async function removeAll(system: System): Promise<void> {
  const unit = `${system.serviceDirectory}/${unitName}`
  if (existsSync(unit)) {
    removeFile(unit)
    await run(system, ['systemctl', 'daemon-reload'], { timeoutMs })
  }
  removeTree(controlMastersDirectory(system))
}
