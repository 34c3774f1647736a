import * as v from 'valibot'
import { checkPublicKey } from '../../core/ssh/public-key'
import { Refusal } from './refusal'
import { parseStrictJson } from './strict-json'

const maxBytes = 256 * 1024
const deadlineMs = 5000

/** Reads the one request: whole, in time, not too long. Fails with INVALID. */
export async function readInput(stream: AsyncIterable<Uint8Array>, timeoutMs = deadlineMs): Promise<string> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const fail = () => reject(new Refusal('INVALID', 'timed-out', `The request took over ${timeoutMs} ms.`))
    timer = setTimeout(fail, timeoutMs)
  })
  try {
    return await Promise.race([readAll(stream), late])
  } finally {
    clearTimeout(timer)
  }
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size > maxBytes)
      throw new Refusal('INVALID', 'grammar', `The request is over ${maxBytes} bytes long.`)
    chunks.push(chunk)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks))
  } catch {
    throw new Refusal('INVALID', 'not-json', 'The request is not UTF-8.')
  }
}

/** Text → a request that every grammar lets pass. Fails with INVALID, naming the field but not its value. */
export function parseRequest<T extends v.GenericSchema>(schema: T, text: string): v.InferOutput<T> {
  if (/[^\x20-\x7e\t\r\n]/.test(text))
    throw new Refusal('INVALID', 'grammar', 'The request is not plain ASCII.')
  const result = v.safeParse(schema, parse(text))
  if (!result.success) {
    const where = v.getDotPath(result.issues[0]) ?? 'the request'
    throw new Refusal('INVALID', 'grammar', `${where} is not as it has to be.`)
  }
  checkKeys(result.output)
  return result.output
}

function parse(text: string): unknown {
  try {
    return parseStrictJson(text)
  } catch {
    throw new Refusal('INVALID', 'not-json', 'The request is not one JSON document with each key once.')
  }
}

/** What a schema cannot see: whether the bytes of a public key are what its type says. */
function checkKeys(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  const { type, key } = value as Record<string, unknown>
  if (typeof type === 'string' && typeof key === 'string') {
    const problem = checkPublicKey({ type, key } as Parameters<typeof checkPublicKey>[0])
    if (problem) throw new Refusal('INVALID', 'grammar', `A host key is ${problem}.`)
  }
  for (const inner of Object.values(value)) checkKeys(inner)
}
