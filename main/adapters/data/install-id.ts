import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import * as v from 'valibot'
import { InstallId } from '../../../contract/grammar'
import { readText } from './document-file'
import { withFileLock } from './file-lock'
import { writeFileWhole } from './write-file'

/** Made by the first process that asks, whole or not at all; one that is empty or cut is as good as missing. */
export async function readInstallId(dir: string): Promise<string> {
  const path = join(dir, 'install-id')
  const read = async () => {
    const id = (await readText(path))?.trim()
    return v.is(InstallId, id) ? id : undefined
  }
  const known = await read()
  if (known !== undefined) return known
  return await withFileLock(path, async () => {
    const meanwhile = await read()
    if (meanwhile !== undefined) return meanwhile
    const id = randomBytes(4).toString('hex')
    await writeFileWhole(path, `${id}\n`)
    return id
  })
}
