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
