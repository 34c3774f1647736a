import { constants } from 'node:os'
import type { Client, ClientChannel } from 'ssh2'
import { createFailure } from '../../../../core/failures/failure'
import { cleanText } from '../../../../core/text/clean-text'
import { FailureError } from '../../../failures'
import type { RunOptions, RunResult } from '../../../ports/ssh'
import { shellCommand } from './become-root'
import { createCapture } from './capture'

const maximumBytes = 64 * 1024
const graceMs = 2000

/**
 * Ties a script to the connection: when stdin ends before it does, all of its processes are ended, which no signal
 * of ours could do to root's. One compound command, because a shell reads that whole before it runs any of it:
 * a script cut short on its way does nothing.
 */
function tied(script: string): string {
  return `{
exec 3<&0
{
${script}
} </dev/null 3<&- &
script=$!
{ cat <&3; kill -TERM 0; } >/dev/null 2>&1 &
tie=$!
wait "$script"
status=$?
kill "$tie" 2>/dev/null
exit "$status"
}
`
}

type RunCode = 'CANCELLED' | 'CONNECTION_LOST' | 'SUDO_NOT_ALLOWED' | 'SUDO_PASSWORD_WRONG' | 'TIMED_OUT'

/**
 * Runs a script as `RemoteHost.run` promises. The password goes out only after sudo's prompt was seen, the script
 * only after the root shell has spoken; a second prompt means a wrong password, and ends it.
 */
export function runScript(
  client: Client,
  login: { readonly user: string; readonly host: string },
  script: string,
  options: RunOptions,
): Promise<RunResult> {
  const { signal, sudoPassword, timeoutMs } = options
  const facts = { user: login.user, host: login.host }
  return new Promise((resolve, reject) => {
    const shell = shellCommand(options)
    const stdout = createCapture(maximumBytes, options.onLine)
    const stderr = createCapture(maximumBytes)
    let channel: ClientChannel | undefined
    let isOver = false
    let verdict: RunCode | undefined
    let grace: NodeJS.Timeout | undefined
    let exit: { readonly code: number } | undefined

    const settle = (found?: RunCode) => {
      if (isOver) return
      isOver = true
      const code = verdict ?? found
      clearTimeout(timer)
      clearTimeout(grace)
      signal.removeEventListener('abort', onAbort)
      client.off('close', onLost)
      if (!code && exit) return resolve({ code: exit.code, stdout: stdout.text(), stderr: stderr.text() })
      reject(new FailureError(createFailure(code ?? 'UNEXPECTED', facts, cleanText(stderr.text()))))
    }
    /** The end of stdin ends the script (see `tied`); the answer waits for that, so that an undo meets nobody. */
    const stop = (code: RunCode) => {
      verdict ??= code
      if (!channel) return settle()
      channel.end()
      grace ??= setTimeout(() => {
        channel?.close()
        settle()
      }, graceMs)
    }
    const onAbort = () => stop('CANCELLED')
    const onLost = () => settle('CONNECTION_LOST')
    const timer = setTimeout(() => stop('TIMED_OUT'), timeoutMs)
    signal.addEventListener('abort', onAbort, { once: true })
    client.once('close', onLost)
    if (signal.aborted) return onAbort()
    if (!shell) return settle('SUDO_NOT_ALLOWED')

    const start = (opened: ClientChannel) => {
      channel = opened
      if (isOver || verdict) {
        opened.close()
        return settle()
      }
      let isReady = shell.ready === undefined
      let before = ''
      let complaints = ''
      let prompts = 0
      const sendScript = () => opened.write(tied(script))
      const onPrompt = () => {
        if (++prompts > 1) return stop('SUDO_PASSWORD_WRONG')
        if (sudoPassword === undefined) return stop('SUDO_NOT_ALLOWED')
        // A second line would be the root shell's first command.
        if (/[\r\n\0]/.test(sudoPassword)) return stop('SUDO_PASSWORD_WRONG')
        opened.write(`${sudoPassword}\n`)
      }
      opened.on('data', (data: Buffer) => {
        if (isReady) return stdout.push(data)
        before = (before + data.toString('latin1')).slice(-2 * maximumBytes)
        const at = before.indexOf(`${shell.ready}\n`)
        if (at < 0) return
        isReady = true
        stderr.push(Buffer.from(complaints, 'latin1'))
        complaints = ''
        stdout.push(Buffer.from(before.slice(at + `${shell.ready}\n`.length), 'latin1'))
        sendScript()
      })
      opened.stderr.on('data', (data: Buffer) => {
        if (isReady || shell.prompt === undefined) return stderr.push(data)
        complaints = (complaints + data.toString('latin1')).slice(-2 * maximumBytes)
        for (let at = complaints.indexOf(shell.prompt); at >= 0; at = complaints.indexOf(shell.prompt)) {
          stderr.push(Buffer.from(complaints.slice(0, at), 'latin1'))
          complaints = complaints.slice(at + shell.prompt.length)
          onPrompt()
        }
      })
      // It closes then, which is heard below.
      opened.on('error', () => {})
      opened.on('exit', (code: number | null, name?: string) => {
        exit = { code: code ?? 128 + signalNumber(name) }
      })
      opened.on('close', () => {
        stderr.push(Buffer.from(complaints, 'latin1'))
        stdout.end()
        stderr.end()
        if (!exit) return settle('CONNECTION_LOST')
        if (isReady) return settle()
        settle(/incorrect password/i.test(complaints) ? 'SUDO_PASSWORD_WRONG' : 'SUDO_NOT_ALLOWED')
      })
      if (isReady) sendScript()
    }
    try {
      client.exec(shell.command, (error, opened) => (error ? settle('CONNECTION_LOST') : start(opened)))
    } catch {
      // The library throws on a connection that has ended.
      settle('CONNECTION_LOST')
    }
  })
}

function signalNumber(name: string | undefined): number {
  return Object.entries(constants.signals).find(([known]) => known === name)?.[1] ?? 0
}
