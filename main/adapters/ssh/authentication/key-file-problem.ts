import ssh2 from 'ssh2'
import { NotPlainFileError, readPlainText } from '../../data/read-file'

/** Why no key could be had from a file, as far as it can be seen (the words of KEY_FILE_UNREADABLE). */
type KeyFileProblem =
  | 'missing'
  | 'forbidden'
  | 'not-plain'
  | 'empty'
  | 'public'
  | 'pkcs8'
  | 'putty'
  | 'security-key'
  | 'no-key'

const codes: Readonly<Record<string, KeyFileProblem>> = {
  ENOENT: 'missing',
  ENOTDIR: 'missing',
  EACCES: 'forbidden',
}

/** Looks at a file that was asked for by name; undefined where nothing certain is seen. */
export async function findKeyFileProblem(path: string): Promise<KeyFileProblem | undefined> {
  try {
    return problemOf(await readPlainText(path, { maximumBytes: 64 * 1024 }))
  } catch (error) {
    if (error instanceof NotPlainFileError) return 'not-plain'
    return error instanceof Error && 'code' in error ? codes[String(error.code)] : undefined
  }
}

function problemOf(text: string): KeyFileProblem {
  if (text.trim() === '') return 'empty'
  if (/^-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/m.test(text)) return 'pkcs8'
  if (/^PuTTY-User-Key-File-\d/.test(text)) return 'putty'
  if (isOfSecurityKey(text)) return 'security-key'
  const parsed: unknown = ssh2.utils.parseKey(text)
  return parsed instanceof Error ? 'no-key' : 'public'
}

/** PROTOCOL.u2f: its type stands in the clear, in a `.pub` line as in the key itself. */
function isOfSecurityKey(text: string): boolean {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END/.exec(text)?.[1] ?? ''
  return (
    /^sk-(ssh|ecdsa)-/.test(text) || /sk-(ssh|ecdsa)-/.test(Buffer.from(body, 'base64').toString('latin1'))
  )
}
