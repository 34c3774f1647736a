import { constants } from 'node:os'
import type { Client, ClientChannel, ExecOptions } from 'ssh2'
import { whyNotRoot } from '../../../../core/causes/rights-messages'
import { createFailure, type KnownFailure } from '../../../../core/failures/failure'
import { cleanText } from '../../../../core/text/clean-text'
import { FailureError } from '../../../failures'
import type { RunOptions, RunResult } from '../../../ports/ssh'
import { awaitShell, type ShellWait } from './await-shell'
import { shellCommand } from './become-root'
import { createCapture } from './capture'
import { tied } from './tied'

const maximumBytes = 64 * 1024
const graceMs = 2000

/** How long a shell is waited for, in milliseconds. */
export interface ShellLimits {
  /** Start-up files of a login take less, on any machine that a person can bear to log in to. */
  readonly shellMs: number
  /** What waits for input goes on or ends at once when that is closed. */
  readonly closedInputMs: number
  /** sudo may look in a directory service first, and PAM waits after a password. */
  readonly rootMs: number
}

const usualLimits: ShellLimits = { shellMs: 10_000, closedInputMs: 1000, rootMs: 30_000 }

type RunCode = 'CANCELLED' | 'CONNECTION_LOST' | 'SUDO_NOT_ALLOWED' | 'SUDO_PASSWORD_WRONG' | 'TIMED_OUT'
type Instead = 'ended' | 'other-program' | 'reads-input' | 'silent' | 'endless' | 'refused'

/** sshd leaves a terminal as it is asked to: nothing is echoed, and nothing sent is changed or acted on. */
const terminalModes = { ECHO: 0, ICANON: 0, ISIG: 0, IEXTEN: 0, ICRNL: 0, IXON: 0, OPOST: 0 } as const

/**
 * Runs a script as `RemoteHost.run` promises. The password goes out only after the tool's own question was seen, the
 * script only after the shell has spoken; a second question means a wrong password, and ends it.
 */
export function runScript(
  client: Client,
  login: { readonly user: string; readonly host: string },
  script: string,
  options: RunOptions,
  limits = usualLimits,
): Promise<RunResult> {
  const { signal, sudoPassword, timeoutMs } = options
  const facts = { user: login.user, host: login.host }
  const owner = options.passwordOwner ?? login.user
  const isLoginShell = options.as === 'user' || options.rootWay === 'is-root'
  return new Promise((resolve, reject) => {
    const shell = shellCommand(options)
    const stdout = createCapture(maximumBytes, options.onLine)
    const stderr = createCapture(maximumBytes)
    let channel: ClientChannel | undefined
    let waiting: ShellWait | undefined
    let isOver = false
    let isInputClosed = false
    let verdict: KnownFailure | undefined
    let grace: NodeJS.Timeout | undefined
    let patience: NodeJS.Timeout | undefined
    let exit: { readonly code: number } | undefined

    /** What was typed is in no report, not even where a terminal echoed it. */
    const said = () => {
      const text = cleanText(Buffer.from(waiting?.said() ?? '', 'latin1').toString('utf8'), 4096)
      return sudoPassword ? text.replaceAll(sudoPassword, '…') : text
    }
    const detail = () => cleanText(stderr.text()) || said()
    const code = (name: RunCode) => createFailure(name, { ...facts, ...whose(name) }, detail())
    const whose = (name: RunCode) => (name === 'SUDO_PASSWORD_WRONG' ? { user: owner } : {})
    const notRun = (instead: Instead, more: { readonly status?: string; readonly shell?: string } = {}) => {
      const line = waiting?.firstLine()
      return createFailure(
        'REMOTE_COMMAND_NOT_RUN',
        { ...facts, instead, ...more, ...(line ? { said: line } : {}) },
        said(),
      )
    }
    /** A lecture or a greeting comes first, and the reason last. */
    const notReached = () => {
      const line = said().trim().split('\n').at(-1)
      return createFailure('ROOT_NOT_REACHED', { ...facts, ...(line ? { said: line } : {}) }, said())
    }
    const settle = (found?: KnownFailure) => {
      if (isOver) return
      isOver = true
      for (const timer of [deadline, grace, patience]) clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      client.off('close', onLost)
      const failure = verdict ?? found
      if (!failure && exit) return resolve({ code: exit.code, stdout: stdout.text(), stderr: stderr.text() })
      reject(new FailureError(failure ?? createFailure('UNEXPECTED', {}, detail())))
    }
    /** The end of stdin ends the script (see `tied`); the answer waits for that, so that an undo meets nobody. */
    const stop = (failure: KnownFailure) => {
      verdict ??= failure
      if (!channel) return settle()
      if (shell?.terminal && waiting?.isOver()) channel.write(`${shell.terminal.stop}\n`)
      else channel.end()
      grace ??= setTimeout(() => {
        channel?.close()
        settle()
      }, graceMs)
    }
    /** Nothing of ours runs there to wait for, and what does would only keep this computer busy. */
    const leave = (failure: KnownFailure) => {
      channel?.pause()
      channel?.close()
      settle(failure)
    }
    const onAbort = () => stop(code('CANCELLED'))
    const onLost = () => settle(code('CONNECTION_LOST'))
    const deadline = setTimeout(() => stop(code('TIMED_OUT')), timeoutMs)
    signal.addEventListener('abort', onAbort, { once: true })
    client.once('close', onLost)
    if (signal.aborted) return onAbort()
    if (!shell) return settle(code('SUDO_NOT_ALLOWED'))

    /** Nothing was heard from the shell: whether anything else listens tells what has taken its place. */
    const onSilence = () => {
      if (!isLoginShell) return stop(notReached())
      isInputClosed = true
      channel?.end()
      patience = setTimeout(() => leave(notRun('silent')), limits.closedInputMs)
    }
    const listen = (opened: ClientChannel): ShellWait =>
      awaitShell(shell, {
        onQuestion: (asked) => {
          clearTimeout(patience)
          patience = setTimeout(onSilence, limits.rootMs)
          const answer = answerTo(asked)
          if (typeof answer === 'string') opened.write(`${answer}\n`)
          else stop(answer)
        },
        onReady: (loginShell, rest) => {
          clearTimeout(patience)
          if (isInputClosed) return leave(notRun('reads-input', loginShell ? { shell: loginShell } : {}))
          stderr.push(Buffer.from(waiting?.complaints() ?? '', 'latin1'))
          stdout.push(rest)
          if (!verdict) opened.write(`${tied(script, shell.terminal)}`)
        },
        onFlood: () => leave(notRun('endless')),
      })
    let questions = 0
    /** The password, or why none is given. */
    const answerTo = (asked: string | undefined): string | KnownFailure => {
      if (++questions > 1) return code('SUDO_PASSWORD_WRONG')
      if (sudoPassword === undefined) return code('SUDO_NOT_ALLOWED')
      // sudo-rs, and a sudo older than %p, say it as it was given.
      if (asked !== undefined && asked !== '%p' && asked !== owner)
        return createFailure('ROOT_PASSWORD_OF_ANOTHER', { ...facts, user: owner, owner: asked })
      // A second line would be the root shell's first command.
      return /[\r\n\0]/.test(sudoPassword) ? code('SUDO_PASSWORD_WRONG') : sudoPassword
    }
    /** The login has ended before the shell spoke. */
    const whyEnded = (): KnownFailure => {
      if (isLoginShell)
        return notRun(isInputClosed ? 'other-program' : 'ended', { status: String(exit?.code ?? '') })
      const cause = whyNotRoot(said())
      if (cause?.reason === 'password-wrong') return code('SUDO_PASSWORD_WRONG')
      if (cause?.reason === 'not-allowed' || cause?.reason === 'password-needed')
        return createFailure('SUDO_NOT_ALLOWED', { ...facts, said: cause.line }, said())
      return notReached()
    }
    const start = (opened: ClientChannel) => {
      channel = opened
      if (isOver || verdict) {
        opened.close()
        return settle()
      }
      const wait = listen(opened)
      waiting = wait
      patience = setTimeout(onSilence, isLoginShell ? limits.shellMs : limits.rootMs)
      opened.on('data', (data: Buffer) => (wait.isOver() ? stdout.push(data) : wait.stdout(data)))
      opened.stderr.on('data', (data: Buffer) => (wait.isOver() ? stderr.push(data) : wait.stderr(data)))
      // It closes then, which is heard below.
      opened.on('error', () => {})
      opened.on('exit', (status: number | null, name?: string) => {
        exit = { code: status ?? 128 + signalNumber(name) }
      })
      opened.on('close', () => {
        stdout.end()
        stderr.end()
        if (!exit) return settle(code('CONNECTION_LOST'))
        settle(wait.isOver() ? undefined : whyEnded())
      })
    }
    const exec: ExecOptions = shell.terminal ? { pty: { term: 'dumb', modes: terminalModes } } : {}
    try {
      client.exec(shell.command, exec, (error, opened) => {
        if (!error) return start(opened)
        const isRefused = /^Unable to (exec|request a pseudo-terminal)$|Channel open failure/.test(
          error.message,
        )
        settle(isRefused ? notRun('refused') : code('CONNECTION_LOST'))
      })
    } catch {
      // The library throws on a connection that has ended.
      settle(code('CONNECTION_LOST'))
    }
  })
}

function signalNumber(name: string | undefined): number {
  return Object.entries(constants.signals).find(([known]) => known === name)?.[1] ?? 0
}
