import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface WriteOptions {
  /** 0600 unless told. */
  readonly mode?: number
  readonly owner?: { readonly uid: number; readonly gid: number }
  /** The last word before the old file is replaced; what it throws keeps the old one. */
  readonly before?: () => Promise<void>
}

/**
 * Writes a file whole or not at all: a temporary one (in a 0700 folder), fsync, rename, fsync of the folder.
 * Throws what the file system says, and then leaves the old file as it was.
 */
export async function writeFileWhole(
  path: string,
  content: string | Uint8Array,
  { mode = 0o600, owner, before }: WriteOptions = {},
): Promise<void> {
  const dir = dirname(path)
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(content)
      if (owner) await file.chown(owner.uid, owner.gid)
      await file.chmod(mode)
      await file.sync()
    } finally {
      await file.close()
    }
    await before?.()
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  const folder = await open(dir, 'r')
  await folder.sync().finally(() => folder.close())
}
