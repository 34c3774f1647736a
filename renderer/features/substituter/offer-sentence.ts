/** What offering a builder as substituter does, in one sentence. */
export function offerSentence(id: string): string {
  return `A signing key is made on ${id} and never leaves it, what is in its store is signed with it, and this computer trusts that key.`
}
