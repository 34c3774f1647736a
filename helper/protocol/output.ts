import { constants, fstatSync, openSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { isatty } from 'node:tty'
import type { HelperLine, HelperResult } from '../../contract/helper'

/** How long a reader may take to make room for the result. Nothing is locked by then. */
const lastWordMs = 10_000
const pauseMs = 20
/** An error that comes once may pass; one that stays ends the trying. */
const mostErrors = 5

export interface Output {
  /** Says a line, unless there is no room for it now: the helper waits for no reader. The first is kept, and said later. */
  readonly say: (line: HelperLine) => void
  /** Says the result, waiting for room no longer than this. Blocks all else: nothing may go on after it. */
  readonly finish: (result: HelperResult, waitMs?: number) => void
}

/**
 * NDJSON to whoever called. Its other end is the caller’s: a pipe that nobody reads, a terminal that was stopped, a file
 * on a disk of theirs. So no write waits, and what could wait in spite of that is left until all is done.
 */
export function openOutput(fd: number): Output {
  const { target, mayBlock } = withoutWaiting(fd)
  let unsaid = Buffer.alloc(0)
  const add = (line: HelperLine) => {
    unsaid = Buffer.concat([unsaid, Buffer.from(`${JSON.stringify(line)}\n`)])
  }
  /** Writes as much as there is room for; returns what kept it from more. */
  const flush = (): NodeJS.ErrnoException | undefined => {
    try {
      while (unsaid.length > 0) unsaid = unsaid.subarray(writeSync(target, unsaid))
      return undefined
    } catch (error) {
      return error as NodeJS.ErrnoException
    }
  }
  return {
    say: (line) => {
      const before = unsaid
      if (!mayBlock && before.length > 0 && line.type === 'step') return
      add(line)
      if (mayBlock) return
      const whole = unsaid.length
      flush()
      if (unsaid.length === whole && line.type === 'step') unsaid = before
    },
    finish: (result, waitMs = lastWordMs) => {
      add(result)
      const deadline = Date.now() + waitMs
      for (let errors = 0; errors < mostErrors; pause()) {
        const problem = flush()
        if (!problem || problem.code === 'EPIPE' || Date.now() >= deadline) return
        if (problem.code !== 'EAGAIN') errors++
      }
    },
  }
}

/** A descriptor for the same place whose writes do not wait, where there is such a thing for it. */
function withoutWaiting(fd: number): { readonly target: number; readonly mayBlock: boolean } {
  try {
    const kind = fstatSync(fd)
    if (kind.isSocket()) return { target: madeNonBlocking(fd), mayBlock: false }
    if (!kind.isFIFO() && !isatty(fd)) return { target: fd, mayBlock: true }
    return { target: reopened(fd) ?? madeNonBlocking(fd), mayBlock: false }
  } catch {
    // There is no such thing for it, or it is closed: what is said last still comes to no harm.
    return { target: fd, mayBlock: true }
  }
}

/** Opened anew, so that whoever else holds the caller’s descriptor goes on as before (proc(5)); not on macOS. */
function reopened(fd: number): number | undefined {
  try {
    const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants
    return openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_NONBLOCK | O_NOCTTY)
  } catch {
    // Not ours to open, or nobody reads it any more.
    return undefined
  }
}

const opened: Socket[] = []

/** libuv sets O_NONBLOCK on what it opens as a stream. Throws for a descriptor that is none. */
function madeNonBlocking(fd: number): number {
  const socket = new Socket({ fd, readable: false, writable: true })
  socket.on('error', () => undefined).unref() // writes tell of it themselves
  opened.push(socket) // it would close the descriptor when it is collected
  return fd
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs)
}
