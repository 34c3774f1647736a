import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { recordVersions } from '../../../contract/version'
import { emptyRing, type SeriesRing } from '../../../core/health/series-ring'
import { writeFileWhole } from './write-file'

/** The rings of one builder. */
export interface Rings {
  readonly hour: SeriesRing
  readonly day: SeriesRing
}

const magic = Buffer.from(`MWS${recordVersions.series}`)
const digestBytes = 16

export function emptyRings(): Rings {
  return { hour: emptyRing('hour'), day: emptyRing('day') }
}

function parts({ hour, day }: Rings): readonly (Uint32Array | Float32Array)[] {
  return [hour.steps, hour.values, day.steps, day.values]
}

const bodyBytes = parts(emptyRings()).reduce((sum, { byteLength }) => sum + byteLength, 0)
const fileBytes = magic.length + digestBytes + bodyBytes

/**
 * Magic with the version, digest, then the numbers of both rings as this machine has them in memory. A file of a later
 * version is left as it is.
 */
export async function writeRings(path: string, rings: Rings): Promise<void> {
  if (await isNewer(path)) return
  const body = Buffer.concat(parts(rings).map((part) => new Uint8Array(part.buffer)))
  await writeFileWhole(path, Buffer.concat([magic, digestOf(body), body]))
}

/** Empty ones for a file that is missing, cut, damaged or of another kind: a chart is worth no question. */
export async function readRings(path: string): Promise<Rings> {
  const rings = emptyRings()
  // None, or one that cannot be read: the chart begins anew.
  const bytes = await readAtMost(path, fileBytes + 1).catch(() => Buffer.alloc(0))
  const body = bytes.subarray(magic.length + digestBytes)
  const head = Buffer.concat([magic, digestOf(body)])
  if (bytes.length !== fileBytes || !bytes.subarray(0, head.length).equals(head)) return rings
  let at = 0
  for (const part of parts(rings)) {
    new Uint8Array(part.buffer).set(body.subarray(at, at + part.byteLength))
    at += part.byteLength
  }
  return rings
}

async function isNewer(path: string): Promise<boolean> {
  // One that cannot be read is written anew, or the writing says why not.
  const head = await readAtMost(path, magic.length).catch(() => Buffer.alloc(0))
  const [, version] = /^MWS([2-9])$/.exec(head.toString('latin1')) ?? []
  return version !== undefined && Number(version) > recordVersions.series
}

async function readAtMost(path: string, most: number): Promise<Buffer> {
  // Without the second flag a pipe in its place would be waited for.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    if (!(await file.stat()).isFile()) return Buffer.alloc(0)
    const buffer = Buffer.alloc(most)
    const { bytesRead } = await file.read(buffer, 0, most, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

function digestOf(body: Uint8Array): Buffer {
  return createHash('sha256').update(body).digest().subarray(0, digestBytes)
}
