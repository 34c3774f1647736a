import type { ParsedKey } from 'ssh2'

/** One key to offer to the server. */
export interface Identity {
  readonly label: string
  readonly publicKey: ParsedKey
  /**
   * Called only once the server has said that it would take the key, so that nobody types a passphrase for
   * nothing. Undefined when the person would rather not unlock it; rejects with PASSPHRASE_WRONG, CANCELLED.
   */
  readonly sign: (data: Buffer, hash: 'sha1' | 'sha256' | 'sha512' | undefined) => Promise<Buffer | undefined>
}
