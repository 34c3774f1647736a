/**
 * Shares the runs of work that takes a while: whoever asks while one is under way gets the one after it, all of them
 * the same, as what the first has seen may be older than the question.
 */
export function coalesce<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<unknown> | undefined
  let next: Promise<T> | undefined
  const begin = (): Promise<T> => {
    const run = work()
    const ended = run.then(
      () => undefined,
      () => undefined, // Told to who asked; the next run waits for the end alone.
    )
    running = ended
    void ended.then(() => {
      if (running === ended) running = undefined
    })
    return run
  }
  return () => {
    // One that has been promised begins in a moment: it is the next for whoever asks in between.
    if (!running && !next) return begin()
    next ??= (running ?? Promise.resolve()).then(() => {
      next = undefined
      return begin()
    })
    return next
  }
}
