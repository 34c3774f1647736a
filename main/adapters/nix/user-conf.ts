import { constants } from 'node:fs'
import { access, lstat, realpath, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { EffectiveSettings } from '../../../core/nix/effective-settings'
import { isDeclaredPath } from '../../../core/nix/installation'
import {
  emptyUserSettings,
  excludeUserConf,
  includesUserConf,
  includeUserConf,
  parseUserConf,
  parseUserConfOrigin,
  renderUserConf,
  type UserConfOrigin,
  type UserSettings,
  userConfName,
} from '../../../core/nix/user-conf'
import { readOriginIn } from '../../../helper/state/origin'
import { FailureError, fail } from '../../failures'
import type { UserConfPort } from '../../ports/user-conf'
import { guard } from '../data/document-folder'
import { withFileLock } from '../data/file-lock'
import { readPlainFile } from '../data/read-file'
import { writeFileWhole } from '../data/write-file'
import { configFolder } from '../system/folders'

export interface UserConfOptions {
  /** Where the person's `nix.conf` is, or would be. */
  readonly folder: string
  /** Beside which the lock of a change lies: in the person's data, as the folder itself may not be there. */
  readonly lockBeside: string
  /** What is in force; throws when Nix cannot read its configuration. Asked once, before anything is written. */
  readonly readSettings: () => Promise<EffectiveSettings>
}

/** `$XDG_CONFIG_HOME/nix`, by default `~/.config/nix`, where Nix looks on every system. */
export function userConfFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(configFolder(env), 'nix')
}

/** How often somebody may save it while we change it. */
const mostTries = 3

/** Edits the person's own Nix configuration. One change at a time. */
export function createUserConf({ folder, lockBeside, readSettings }: UserConfOptions): UserConfPort {
  const nixConf = join(folder, 'nix.conf')
  const own = join(folder, userConfName)

  const changeOnce = async (
    change: (settings: UserSettings) => UserSettings | Promise<UserSettings>,
    precondition: (now: EffectiveSettings) => void,
  ) => {
    const [before, ownBefore] = await Promise.all([readBytes(nixConf), readBytes(own)])
    const settings = await change(settingsIn(before, ownBefore))
    const isOn = renderUserConf(settings) !== ''
    if (!isOn && ownBefore === undefined && !includesUserConf(before ?? '')) return
    await refuseUnfit(nixConf, settings)
    precondition(await readSettings())
    const origin = await originOf(folder, before, ownBefore)
    const unchanged = async () => {
      if ((await readBytes(nixConf)) !== before) fail('USER_CONF_CHANGED', { path: nixConf })
    }
    if (isOn) {
      await writeOwn(own, ownBefore, renderUserConf(settings, origin))
      try {
        await rewrite(nixConf, before, includeUserConf(before ?? ''), unchanged)
      } catch (error) {
        await putBack(own, ownBefore, origin)
        throw error
      }
      return
    }
    const rest = excludeUserConf(before ?? '')
    if (rest === '' && origin.nixConf) {
      await unchanged()
      await rm(nixConf, { force: true })
    } else await rewrite(nixConf, before, rest, unchanged)
    await putBack(own, undefined, origin)
  }

  return {
    read: async () => {
      const [text, ownText] = await Promise.all([nixConf, own].map(readIfAllowed))
      return settingsIn(text, ownText)
    },
    files: async () => {
      const [text, content] = await Promise.all([nixConf, own].map(readIfAllowed))
      if (!includesUserConf(text ?? '') || content === undefined) return []
      return [
        { path: own, mode: await modeOf(own), owns: 'whole', content },
        { path: nixConf, mode: await modeOf(nixConf), owns: 'line', content: includeUserConf('') },
      ]
    },
    update: (change, precondition = () => undefined) =>
      guard(lockBeside, () =>
        withFileLock(lockBeside, () => tryAgain(() => changeOnce(change, precondition), nixConf)),
      ),
  }
}

/** Once more where somebody saved the file meanwhile. */
async function tryAgain(changeOnce: () => Promise<void>, nixConf: string): Promise<void> {
  for (let left = mostTries - 1; ; left--) {
    try {
      return await changeOnce().catch(asFailure(nixConf))
    } catch (error) {
      const isEdited = error instanceof FailureError && error.failure.code === 'USER_CONF_CHANGED'
      if (!isEdited || left === 0) throw error
    }
  }
}

function settingsIn(nixConf = '', own = ''): UserSettings {
  return includesUserConf(nixConf) ? parseUserConf(own) : emptyUserSettings
}

async function modeOf(path: string): Promise<string> {
  return stat(path).then(
    ({ mode }) => `0${(mode & 0o777).toString(8)}`,
    () => '', // gone meanwhile: shown without
  )
}

/** Refuses what a rebuild owns and what its owner has made read-only, though a rename would get past that. */
async function refuseUnfit(nixConf: string, settings: UserSettings): Promise<void> {
  const isThere = await lstat(nixConf).then(
    () => true,
    () => false, // not there: nothing to refuse
  )
  if (!isThere) return
  const real = await realpath(nixConf)
  if (isDeclaredPath(real)) {
    const line = renderUserConf(settings).split('\n').slice(1).join(' ').trim()
    fail('USER_CONF_DECLARATIVE', { path: nixConf, ...(line ? { line } : {}) })
  }
  await access(real, constants.W_OK)
}

/** What our file noted when it was made, or what is missing now. */
async function originOf(
  folder: string,
  nixConf: string | undefined,
  own: string | undefined,
): Promise<UserConfOrigin> {
  const noted = own === undefined ? builderListOrigin(folder) : parseUserConfOrigin(own)
  const isKnown = own === undefined || includesUserConf(nixConf ?? '')
  const isOurs = nixConf === undefined || (isKnown && noted.nixConf)
  return { nixConf: isOurs, folders: noted.folders || (await missingFolders(folder)) }
}

/** What was made for the builders of a person who owns the store, which lie in the same files. */
function builderListOrigin(folder: string): UserConfOrigin {
  const { files = [], directories = [] } = readOriginIn(join(folder, 'millwright')) ?? {}
  return {
    nixConf: files.includes(join(folder, 'nix.conf')),
    folders: directories.filter((made) => made === folder || folder.startsWith(`${made}/`)).length,
  }
}

async function missingFolders(folder: string): Promise<number> {
  const isThere = await stat(folder).then(
    () => true,
    () => false, // one to make
  )
  return isThere ? 0 : 1 + (await missingFolders(dirname(folder)))
}

async function writeOwn(own: string, before: string | undefined, text: string): Promise<void> {
  if (before !== text) await writeFileWhole(own, text, { mode: 0o644 })
}

/** Our own file as it was before, or gone with the folders that were made for it. */
async function putBack(own: string, text: string | undefined, { folders }: UserConfOrigin): Promise<void> {
  if (text !== undefined) return writeFileWhole(own, Buffer.from(text, 'latin1'), { mode: 0o644 })
  await rm(own, { force: true })
  let folder = dirname(own)
  for (let left = folders; left > 0; left--) {
    // Somebody may have put something else there since.
    await rmdir(folder).catch(() => undefined)
    folder = dirname(folder)
  }
}

/** Keeps mode and owner; follows a link of the person's own, so that it stays one. */
async function rewrite(
  path: string,
  before: string | undefined,
  text: string,
  unchanged: () => Promise<void>,
): Promise<void> {
  if (text === before) return
  const content = Buffer.from(text, 'latin1')
  if (before === undefined) return writeFileWhole(path, content, { mode: 0o644, before: unchanged })
  const real = await realpath(path)
  const { mode, uid, gid } = await stat(real)
  await writeFileWhole(real, content, { mode: mode & 0o7777, owner: { uid, gid }, before: unchanged })
}

/** One character per byte, so that whatever is in there comes back as it was; undefined when it is not there. */
async function readBytes(path: string): Promise<string | undefined> {
  try {
    return (await readPlainFile(path)).toString('latin1')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** The same for looking at: Nix passes over what it may not read. */
const readIfAllowed = (path: string) => readBytes(path).catch(() => '') // As Nix does it.

const forbidding = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR']

function asFailure(path: string): (error: unknown) => never {
  return (error) => {
    const code = codeOf(error)
    if (error instanceof FailureError || code === undefined || !forbidding.includes(code)) throw error
    return fail('USER_CONF_READ_ONLY', { path }, error instanceof Error ? error.message : code)
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}
