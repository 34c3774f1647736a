/** Whether a reading may set a part: no other that began later has set it. Says yes but once for each part. */
export type Claim = (part: string) => boolean

/**
 * Numbers readings by when they began. A reading takes a while, and a shorter one that began after it may end before
 * it: what that has set is newer, and stays. Returns how to begin one; a value that is known at once is a reading too.
 */
export function createReadings(): () => Claim {
  let count = 0
  const latest = new Map<string, number>()
  return () => {
    const number = ++count
    return (part) => {
      if ((latest.get(part) ?? 0) > number) return false
      latest.set(part, number)
      return true
    }
  }
}
