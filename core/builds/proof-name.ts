const prefix = 'millwright-proof-'

/** What the derivation is called that proves a builder (`name` of derivation(1) in Nix's manual). */
export const proofName = (id: string): string => `${prefix}${id}`

export const isProofName = (name: string): boolean => name.startsWith(prefix)
