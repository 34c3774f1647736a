/** A port that must not be used: whatever is asked of it throws, and says what it was. */
export function untouchable<T extends object>(): T {
  return new Proxy({} as T, {
    get: (_, name) => {
      throw new Error(`${String(name)} was used`)
    },
  })
}
