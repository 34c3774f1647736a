import type { FailureCode } from '../../core/failures/rows'
import type { ScriptTexts } from '../../core/scripts/assemble'
import { FailureError } from '../../main/failures'
import type { RunResult } from '../../main/ports/ssh'
import type { Calls } from './calls'
import { failWith } from './fail-with'
import { linesOf, type Machine, writeLines } from './machine'
import { inspectionLines } from './machine-facts'

/** Stand-ins for `remote/*.sh` that name themselves; what each does is below. */
export const scriptTexts: ScriptTexts = {
  inspect: '# run inspect\n',
  provision: '# run provision\n',
  unprovision: '# run unprovision\n',
  serve: '# serve\n',
  enter: '# enter\n',
  probe: '# probe\n',
  collect: '# collect\n',
  jump: '# run jump\n',
  substituter: '# run substituter\n',
  rekey: '# run rekey\n',
}

/** Who runs a script on which machine, and how it is heard. */
export interface ScriptRun {
  readonly machine: Machine
  readonly user: string
  readonly isRoot: boolean
  readonly signal: AbortSignal
  readonly onLine?: (line: string) => void
}

/** What the script may use: its parameters and a place to say things. */
interface Shell extends ScriptRun {
  readonly calls: Calls
  readonly values: Readonly<Record<string, string>>
  say(words: string): void
}

/** A script of ours ends with one of these; the code is what the app makes of it. */
const errorNames: Partial<Record<FailureCode, string>> = {
  REMOTE_DISK_FULL: 'disk-full /var/lib/millwright',
  REMOTE_NIX_CONF_BROKEN: 'nix-conf unknown setting',
  REMOTE_SCRIPT_FAILED: 'write-failed somewhere',
  BUILDS_RUNNING: 'builds-running the daemon has to be restarted',
}

/** Does to a machine what the script would do. A lost connection throws; what was done until then stays. */
export async function runScript(calls: Calls, script: string, run: ScriptRun): Promise<RunResult> {
  const values = parseAssignments(script)
  const name = /^# run (\w+)$/m.exec(script)?.[1] ?? calls.misuse(`a script that nobody knows: ${script}`)
  const said: string[] = []
  const say = (words: string) => {
    const line = `mw-${values.nonce} ${words}`
    said.push(line)
    run.onLine?.(line)
  }
  try {
    await (programs[name] ?? calls.misuse(`no such script: ${name}`))({ ...run, calls, values, say })
  } catch (error) {
    const words = error instanceof FailureError ? errorNames[error.failure.code] : undefined
    if (!words) throw error
    say(`error ${words}`)
    return { code: 1, stdout: `${said.join('\n')}\n`, stderr: '' }
  }
  return { code: 0, stdout: `${said.join('\n')}\n`, stderr: '' }
}

function parseAssignments(script: string): Record<string, string> {
  const found = script.matchAll(/^(\w+)='((?:[^'\n]|'\\'')*)'$/gm)
  return Object.fromEntries([...found].map(([, name, value = '']) => [name, value.replaceAll("'\\''", "'")]))
}

const programs: Readonly<Record<string, (shell: Shell) => Promise<void>>> = {
  inspect: async ({ calls, machine, user, signal, say }) => {
    await calls.run('remote.inspect', () => inspectionLines(machine, user).forEach(say), signal)
  },
  provision,
  unprovision,
  jump,
  rekey,
  substituter,
}

const dedicated = '/var/lib/millwright'
const includeLine = `!include ${dedicated}/nix.conf`
const serving = ['millwright-serve', 'millwright-probe', 'millwright-collect']

/** Where things lie there, for who runs the script. */
function places({ values, machine, user }: Shell) {
  const isDedicated = values.mode === 'dedicated'
  const own = machine.accounts.get(user)?.home ?? '/'
  return {
    isDedicated,
    base: isDedicated ? dedicated : `${own}/.local/share/millwright`,
    keys: `${isDedicated ? `${dedicated}/home` : own}/.ssh/authorized_keys`,
    ownLines: ownLinesOf(values),
  }
}

/** As `own_lines` of change/key-lines.sh. */
function ownLinesOf({ builder, install, untagged }: Shell['values']): RegExp {
  const named = ` millwright-${builder}`
  return new RegExp(
    `(${untagged === 'yes' ? `${named}| ssh-ed25519 [^ ]+` : named}) millwright:${install}:[a-z]+$`,
  )
}

async function provision(shell: Shell): Promise<void> {
  const { calls, machine, values, signal, say, isRoot } = shell
  const { isDedicated, base, keys, ownLines } = places(shell)
  const { user = '', trust = '', conf_file: conf = '' } = values
  const step = async (name: 'check' | 'scripts' | 'user' | 'trust' | 'daemon' | 'keys', act: () => void) => {
    say(`step ${name} start`)
    await calls.run(`remote.${name}`, act, signal)
    say(`step ${name} done`)
  }
  await step('check', () => {
    if (isDedicated && !isRoot) calls.misuse('a user is made without root')
  })
  await step('scripts', () => {
    for (const script of serving)
      machine.files.set(`${base}/bin/${script}`, `#!/bin/sh ${values.scripts_mark}`)
    const others = linesOf(machine, `${base}/state`).filter((line) => !line.startsWith('scripts '))
    writeLines(machine, `${base}/state`, [...others, `scripts ${values.scripts_mark}`])
  })
  if (isDedicated) {
    await step('user', () => {
      const account = {
        home: `${dedicated}/home`,
        groups: [user],
        sudo: 'none',
        letsPersonIn: false,
      } as const
      machine.accounts.set(user, account)
    })
    if (trust !== '') {
      await step('trust', () => {
        addLine(machine, `${dedicated}/nix.conf`, trust)
        addLine(machine, conf, includeLine)
      })
    }
    await step('daemon', () => restartDaemon(machine, conf))
  }
  await step('keys', () => {
    const roles = { build: values.build_key, monitor: values.monitor_key, collect: values.collect_key }
    const own = Object.entries(roles).flatMap(([role, key]) =>
      key
        ? [
            `restrict,command="${base}/bin" ${key} millwright-${values.builder} millwright:${values.install}:${role}`,
          ]
        : [],
    )
    const others = linesOf(machine, keys).filter((line) => !ownLines.test(line))
    writeLines(machine, keys, [...others, ...own])
  })
  say('done')
}

async function rekey(shell: Shell): Promise<void> {
  const { calls, machine, values, signal, say, isRoot } = shell
  const { isDedicated, base, keys, ownLines } = places(shell)
  if (isDedicated && !isRoot) calls.misuse('key lines of root’s are written without root')
  await calls.run(
    'remote.rekey',
    () => {
      const roles = {
        build: values.new_build_key,
        monitor: values.new_monitor_key,
        collect: values.new_collect_key,
      }
      const before = linesOf(machine, keys)
      if (!before.some((line) => ownLines.test(line))) calls.misuse(`${values.builder} is no builder there`)
      const kept = values.act === 'beside' ? before : before.filter((line) => !ownLines.test(line))
      const wanted = Object.entries(roles).flatMap(([role, key]) =>
        key
          ? [
              `restrict,command="${base}/bin" ${key} millwright-${values.builder} millwright:${values.install}:${role}`,
            ]
          : [],
      )
      writeLines(machine, keys, [...kept, ...wanted.filter((line) => !kept.includes(line))])
    },
    signal,
  )
  say('done')
}

async function unprovision(shell: Shell): Promise<void> {
  const { calls, machine, values, signal, say } = shell
  const { isDedicated, base, keys, ownLines } = places(shell)
  const { user = '', conf_file: conf = '' } = values
  await calls.run(
    'remote.drop-keys',
    () =>
      writeLines(
        machine,
        keys,
        linesOf(machine, keys).filter((line) => !ownLines.test(line)),
      ),
    signal,
  )
  if (linesOf(machine, keys).some((line) => / millwright:[0-9a-f]+:[a-z]+$/.test(line))) {
    say('kept other keys of Millwright build here')
    return say('done')
  }
  if (isDedicated) {
    await calls.run(
      'remote.drop-trust',
      () => {
        machine.files.delete(`${dedicated}/nix.conf`)
        dropLine(machine, conf, includeLine)
        restartDaemon(machine, conf)
      },
      signal,
    )
    await calls.run(
      'remote.drop-user',
      () => {
        if (machine.accounts.get(user)?.home === `${dedicated}/home`) machine.accounts.delete(user)
      },
      signal,
    )
  }
  await calls.run(
    'remote.drop-files',
    () => {
      for (const path of [...machine.files.keys()])
        if (path.startsWith(`${base}/`)) machine.files.delete(path)
    },
    signal,
  )
  say('done')
}

async function substituter(shell: Shell): Promise<void> {
  const { calls, machine, values, signal, say, isRoot } = shell
  if (!isRoot) calls.misuse('a signing key is made without root')
  const key = `${dedicated}/signing-key`
  const setting = `extra-secret-key-files = ${key}`
  const { conf_file: conf = '', restart } = values
  const mayRestart = () => {
    if (restart === 'when-idle' && machine.runningBuilds > 0) failWith('BUILDS_RUNNING')
  }
  if (values.act === 'offer') {
    await calls.run(
      'remote.make-signing-key',
      () => {
        if (!machine.signs) mayRestart()
        machine.files.set(key, 'SECRET')
        machine.files.set(`${key}.pub`, `millwright-${machine.name}-1:${'A'.repeat(43)}=\n`)
        addLine(machine, `${dedicated}/nix.conf`, setting)
        restartDaemon(machine, conf)
      },
      signal,
    )
    say(`public-key ${linesOf(machine, `${key}.pub`)[0]}`)
  } else if (values.act === 'sign') {
    const total = machine.unsignedPaths
    for (let done = 0; done < total; done += 20) {
      say(`progress ${done} ${total}`)
      await calls.run('remote.sign', () => undefined, signal)
    }
    say(`progress ${total} ${total}`)
  } else {
    await calls.run(
      'remote.drop-signing-key',
      () => {
        if (machine.signs) mayRestart()
        for (const file of [key, `${key}.pub`]) machine.files.delete(file)
        dropLine(machine, `${dedicated}/nix.conf`, setting)
        restartDaemon(machine, conf)
      },
      signal,
    )
  }
  say('done')
}

async function jump({ calls, machine, user, values, signal, say }: Shell): Promise<void> {
  const keys = `${machine.accounts.get(user)?.home}/.ssh/authorized_keys`
  const { line = '', tag = '' } = values
  await calls.run(
    line === '' ? 'jump.revoke' : 'jump.grant',
    () => {
      const isKept = (one: string) => one !== line && (values.beside === 'yes' || !one.endsWith(` ${tag}`))
      const others = linesOf(machine, keys).filter(isKept)
      writeLines(machine, keys, line === '' ? others : [...others, line])
    },
    signal,
  )
  say('done')
}

function addLine(machine: Machine, path: string, line: string): void {
  const lines = linesOf(machine, path)
  if (!lines.includes(line)) writeLines(machine, path, [...lines, line])
}

function dropLine(machine: Machine, path: string, line: string): void {
  writeLines(
    machine,
    path,
    linesOf(machine, path).filter((one) => one !== line),
  )
}

/** The daemon reads whom it trusts, and what it signs with, only when it starts. */
function restartDaemon(machine: Machine, conf: string): void {
  const included = linesOf(machine, conf).includes(includeLine)
    ? linesOf(machine, `${dedicated}/nix.conf`)
    : []
  const trusted = included.flatMap(
    (line) => line.match(/^extra-trusted-users = (.+)$/)?.[1]?.split(' ') ?? [],
  )
  machine.trustInForce = [...machine.trustedUsers, ...trusted]
  machine.signs = included.some((line) => line.startsWith('extra-secret-key-files'))
}
