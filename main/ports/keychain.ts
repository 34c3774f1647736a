/** Secrets of this app in the OS keychain (Secret Service, macOS Keychain), or in a file by consent. */
export interface KeychainPort {
  /** Where a secret would be kept now: `none` when there is no keychain and no consent to a file. */
  kind(): Promise<'os' | 'file' | 'none'>
  /** Allows the 0600 file from now on; its path, for the question, is `filePath`. */
  consentToFile(): Promise<void>
  readonly filePath: string
  get(name: string): Promise<string | undefined>
  set(name: string, secret: string): Promise<void>
  delete(name: string): Promise<void>
  /** Works while no other process of Millwright is in the same place, so that what it has read still counts. */
  alone<T>(work: () => Promise<T>): Promise<T>
}

/** A fresh ed25519 key pair in OpenSSH's formats. */
export interface KeyPair {
  readonly privateKey: string
  /** `ssh-ed25519 AAAA…`, no comment. */
  readonly publicKey: string
}
