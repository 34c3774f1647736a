/** The job slots of this computer's Nix, read without touching them. */
export interface SlotsPort {
  /**
   * Slots taken by `slotName`; a builder without an entry has none. Undefined where that cannot be read: on systems
   * without /proc/locks. Never fails.
   */
  taken(): Promise<ReadonlyMap<string, number> | undefined>
  /**
   * Tells the `slotName` of each builder that a build has tried and let go of within a few seconds: it could not get
   * there, or it was a short one. Returns how to stop. Never fails; tells nothing where slots are no files.
   */
  onLetGo(tell: (name: string) => void): () => void
}
