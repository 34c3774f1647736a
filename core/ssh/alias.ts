/** The name under which Nix, ssh_config and known_hosts know a builder. */
export function sshAlias(id: string): string {
  return `millwright-${id}`
}

/** A name for what leads through the builder's held connection and never logs in for itself. */
export function sharedAlias(id: string): string {
  return `${sshAlias(id)}.shared`
}

/** The same for the machine before it. The dot keeps it apart from every builder: no id holds one. */
export function jumpAlias(id: string): string {
  return `${sshAlias(id)}.jump`
}

/** A name by which root logs in with the builder's new key alone, before that is in force. */
export function newKeyAlias(id: string): string {
  return `${sshAlias(id)}.new`
}

/** The same to the machine before it. */
export function newKeyJumpAlias(id: string): string {
  return `${jumpAlias(id)}.new`
}

/** Where the new key lies, beside the one in force: no id holds a dot. */
export function newKeyPath(keyPath: string): string {
  return `${keyPath}.new`
}
