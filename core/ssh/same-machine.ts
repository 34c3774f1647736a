import type { PublicKey } from '../../contract/grammar'

/** Whether both own a host key in common, which nobody else can show: one is enough, whatever else either has. */
export function shareHostKey(one: readonly PublicKey[], other: readonly PublicKey[]): boolean {
  return one.some(({ key }) => other.some((candidate) => candidate.key === key))
}

interface Entry {
  readonly id: string
  readonly hostKeys: readonly PublicKey[]
}

/** Another entry for the machine that has these host keys, whatever name and address it was added by. */
export function otherEntryOf<E extends Entry>(
  builders: readonly E[],
  { id, hostKeys }: Entry,
): E | undefined {
  return builders.find((builder) => builder.id !== id && shareHostKey(builder.hostKeys, hostKeys))
}
