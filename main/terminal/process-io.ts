import { text } from 'node:stream/consumers'
import { exitStatus, type Io } from './io'
import { createOutput } from './output'
import { createPrompt } from './prompt'
import { canDrawOver, createScreen } from './screen'

interface ProcessIo extends Io {
  /** The exit status once all is written: a command whose output is lost has failed. */
  end(status: number): Promise<number>
}

/** The Io of this process; it asks on stderr, so that stdout stays the command's own output. */
export function processIo(): ProcessIo {
  const [out, err] = [createOutput(process.stdout), createOutput(process.stderr)]
  return {
    out: out.write,
    err: err.write,
    end: async (status) => {
      const failure = await out.settled()
      if (failure) err.write(`millwright: What it had to say could not be written: ${failure.message}\n`)
      return failure && status === exitStatus.done ? exitStatus.failed : status
    },
    interactive: Boolean(process.stdin.isTTY && process.stderr.isTTY),
    ...(canDrawOver(process.stdout, process.env) ? { screen: createScreen(process.stdout) } : {}),
    readInput: () => text(process.stdin),
    prompt: createPrompt(process.stdin, process.stderr),
  }
}
