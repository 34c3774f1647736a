/** What a command prints on, and whether it arrived. */
export interface Output {
  write(text: string): void
  /** Once all of it is written: why it could not be, where that is not because nobody reads any more. */
  settled(): Promise<Error | undefined>
}

/**
 * A closed terminal (write(2), EIO) and a pipe that nobody reads (EPIPE) take nothing any more: what has begun goes on
 * all the same, and what a job takes back then nobody reads. Anything else, such as a full disk, is a failure.
 */
export function createOutput(stream: NodeJS.WritableStream): Output {
  // What comes after the first is only that the stream has ended.
  let failure: NodeJS.ErrnoException | undefined
  stream.on('error', (error: NodeJS.ErrnoException) => {
    failure ??= error
  })
  return {
    write: (text) => void stream.write(text),
    settled: () =>
      new Promise((resolve) => {
        // After an error this calls back too; its event comes in the turn after that.
        stream.write('', () => setImmediate(() => resolve(isUnread(failure) ? undefined : failure)))
      }),
  }
}

function isUnread(error: NodeJS.ErrnoException | undefined): boolean {
  return error?.code === 'EIO' || error?.code === 'EPIPE'
}
