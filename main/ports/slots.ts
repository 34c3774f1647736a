/** The job slots of this computer's Nix, read without touching them. */
export interface SlotsPort {
  /**
   * Slots taken by `slotName`; a builder without an entry has none. Undefined where that cannot be read: on systems
   * without /proc/locks. Never fails.
   */
  taken(): Promise<ReadonlyMap<string, number> | undefined>
}
