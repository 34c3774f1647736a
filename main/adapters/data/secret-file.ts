import { constants } from 'node:fs'
import { lstat, open, rename } from 'node:fs/promises'
import * as v from 'valibot'
import { fail } from '../../failures'
import { freeName } from './document-file'
import { withFileLock } from './file-lock'
import { writeFileWhole } from './write-file'

const Secrets = v.record(v.string(), v.string())
type Secrets = v.InferOutput<typeof Secrets>

/** Secrets in a file of mode 0600. That it exists is the person's consent. */
export interface SecretFile {
  exists(): Promise<boolean>
  create(): Promise<void>
  read(): Promise<Secrets>
  /** Reads, changes and writes in one turn, also among processes. */
  update(change: (secrets: Secrets) => Secrets): Promise<void>
}

const mostBytes = 2 ** 20

/**
 * Fails with KEYCHAIN_UNAVAILABLE for a file that is a link, somebody else's, or open to others. A damaged one is set
 * aside as `FILE.broken` and counts as empty: what it held are keys, which can be made anew.
 */
export function createSecretFile(path: string): SecretFile {
  const exists = async () => {
    try {
      await lstat(path)
      return true
    } catch {
      // Not there, or not to be reached, which reading it would say.
      return false
    }
  }
  const write = async (secrets: Secrets) => {
    try {
      await writeFileWhole(path, `${JSON.stringify(secrets)}\n`)
    } catch (error) {
      fail('DATA_UNWRITABLE', { path }, error instanceof Error ? error.message : String(error))
    }
  }
  const readOrBegin = async () => {
    const secrets = await readSecrets(path)
    if (secrets) return secrets
    await rename(path, await freeName(path))
    await write({})
    return {}
  }
  return {
    exists,
    update: (change) => withFileLock(path, async () => write(change(await readOrBegin()))),
    create: async () => {
      if (!(await exists())) await write({})
    },
    read: async () => (await readSecrets(path)) ?? (await withFileLock(path, readOrBegin)),
  }
}

/** Undefined for a file of ours that is damaged. */
async function readSecrets(path: string): Promise<Secrets | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const about = await file.stat()
      const isPrivate = about.isFile() && about.uid === process.geteuid?.() && (about.mode & 0o077) === 0
      if (about.size > mostBytes) throw new Error('it is larger than any file of keys')
      if (!isPrivate) throw new Error('it is not a file that only you can read')
      return parseSecrets(await file.readFile('utf8'))
    } finally {
      await file.close()
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : ''
    return fail('KEYCHAIN_UNAVAILABLE', {}, `${path} cannot be used: ${reason}`)
  }
}

function parseSecrets(text: string): Secrets | undefined {
  try {
    return v.parse(Secrets, JSON.parse(text))
  } catch {
    return undefined // the caller sets it aside
  }
}
