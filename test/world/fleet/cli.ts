import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { type HostKind, loginsOf } from './accounts'
import { type Fleet, openFleet } from './fleet'
import { type Host, makeHost } from './host'
import { type FleetNote, fleetCgroup, openNotes, roomOf } from './registry'

const usage = `usage: npm run world -- COMMAND
  up [NAME=KIND…]         open a fleet and keep it until Ctrl-C or \`down\`
                          (unless told: client=client anna=builder otto=builder hole=blackhole)
                          kinds: ${Object.keys(loginsOf).join(', ')}
  down                    close every fleet that \`up\` opened
  list                    the fleets that are open
  sh NAME [USER]          a login shell on a host; USER is root unless told
  exec NAME CMD [ARG…]    a command on a host, as root`

const usual = ['client=client', 'anna=builder', 'otto=builder', 'hole=blackhole']

async function main([command, ...rest]: readonly string[]): Promise<number> {
  switch (command) {
    case 'up':
      return up(rest.length > 0 ? rest : usual)
    case 'down':
      for (const { owner, forPlay } of openNotes()) if (forPlay) process.kill(owner.pid, 'SIGTERM')
      return 0
    case 'list':
      for (const note of openNotes()) console.log(describe(note))
      return 0
    case 'sh':
      // A terminal of the host's own: the one we are on does not exist there.
      return inHost(rest[0], ['script', '-q', '-c', 'exec bash -l', '/dev/null'], rest[1])
    case 'exec':
      return rest.length > 1 ? inHost(rest[0], rest.slice(1)) : wrongUse()
    default:
      return wrongUse()
  }
}

async function up(words: readonly string[]): Promise<number> {
  const hosts = Object.fromEntries(words.map((word) => word.split('='))) as Record<string, HostKind>
  if (Object.values(hosts).some((kind) => !(kind in loginsOf))) return wrongUse()
  const start = performance.now()
  const fleet = await openFleet({ hosts, forPlay: true })
  const stop = Promise.race(['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => once(process, signal)))
  console.log(`up in ${Math.round(performance.now() - start)} ms\n${introduce(fleet, hosts)}`)
  await stop
  await fleet.close()
  return 0
}

function introduce(
  { number, credentials, address }: Fleet,
  hosts: Readonly<Record<string, HostKind>>,
): string {
  const lines = Object.entries(hosts).map(([name, kind]) => {
    const logins = loginsOf[kind].map((login) => `${login.name} (sudo: ${login.sudo})`)
    return `  ${name.padEnd(10)} ${address(name).padEnd(15)} ${kind.padEnd(12)} ${logins.join(', ')}`
  })
  const passwords = Object.entries(credentials.passwords).map(
    ([name, password]) => `  ${name.padEnd(10)} ${password}`,
  )
  return `fleet ${number}
${lines.join('\n')}
passwords
${passwords.join('\n')}
keys
  ${credentials.key.path}
  ${credentials.encryptedKey.path} (passphrase ${credentials.passphrase})
Ctrl-C closes it. In another terminal: npm run world -- sh ${Object.keys(hosts)[0]}`
}

function describe({ number, owner, hosts }: FleetNote): string {
  const names = Object.entries(hosts).map(([name, { kind, address }]) => `${name} (${kind}, ${address})`)
  return `fleet ${number}, opened by process ${owner.pid}: ${names.join(', ')}`
}

/** Runs in the foreground on a host of the fleet opened last by `up`, or else by anybody. */
async function inHost(name: string | undefined, argv: readonly string[], user = 'root'): Promise<number> {
  if (name === undefined) return wrongUse()
  const notes = openNotes().reverse()
  const found = [...notes.filter(({ forPlay }) => forPlay), ...notes]
    .map((note) => hostOf(note, name))
    .find(Boolean)
  if (!found) throw new Error(`no open fleet has a running host ${name}; open one with: npm run world -- up`)
  const env = { TERM: process.env.TERM ?? 'dumb' }
  const [file = '', ...args] = found.enter(argv, { user, env })
  const child = spawn(file, args, { stdio: 'inherit' })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 1
}

function hostOf({ number, hosts }: FleetNote, name: string): Host | undefined {
  const noted = hosts[name]
  if (!noted?.keeper) return undefined
  const { kind, address } = noted
  const [room, cgroup] = [join(roomOf(number), name), join(fleetCgroup(number), name)]
  return makeHost({ name, kind, address, room, cgroup, devPassword: '' })
}

function wrongUse(): number {
  console.error(usage)
  return 2
}

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status
  },
  (error: Error) => {
    console.error(error.message)
    process.exitCode = 1
  },
)
