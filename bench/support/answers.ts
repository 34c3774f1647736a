import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Host } from '../../test/world/fleet/host'
import { type Login, ways } from './ways'

/** Given options answer questions beforehand; without them a person is asked. */
const answeringOptions = new Set(['--json', '--yes', '--trust-new-host-key', '--sudo-password-stdin'])

/**
 * Adds a builder at a terminal (a pseudo-terminal, by script(1)) with no option given, answers what is asked, and
 * returns the questions.
 */
export async function countAnswers(client: Host, login: Login, builder: string): Promise<readonly string[]> {
  const argv = ways.millwright.command(login, builder).argv.filter((word) => !answeringOptions.has(word))
  const [file = '', ...args] = client.enter(['script', '-q', '-e', '-c', argv.join(' '), '/dev/null'])
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const asked: string[] = []
  let heard = ''
  let unread = ''
  child.stdout.on('data', (chunk: Buffer) => {
    heard += chunk.toString()
    unread += chunk.toString()
    const question = /([^\r\n]*(?:\[y\/N\]|password of [^\r\n]*:)) $/.exec(unread)?.[1]
    if (!question) return
    unread = ''
    asked.push(question.trim())
    child.stdin.write(`${question.includes('password of') ? login.sudoPassword : 'y'}\r`)
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), 120_000)
  const [code] = (await once(child, 'exit')) as [number | null]
  clearTimeout(timer)
  if (code !== 0) throw new Error(`millwright at a terminal ended with status ${code}:\n${heard}`)
  return asked
}
