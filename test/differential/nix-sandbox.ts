import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { type NixVersion, parseNixVersion } from '../../core/nix/nix-version'
import { hasProgram, type Ran, run, temporaryFolder } from './programs'

/** The Nix of this machine; undefined when there is none. */
export const nixVersion: NixVersion | undefined = hasProgram('nix')
  ? parseNixVersion(
      run('nix', ['--version'], { env: { PATH: process.env.PATH, HOME: '/nonexistent' } }).stdout,
    )
  : undefined

/** A Nix with a store, a state and a configuration of its own: it never sees the machine's. */
export interface NixSandbox {
  readonly folder: string
  /** `nix show-config`, with `text` for its nix.conf. */
  showConfig(text: string): Ran
  /** Asks the build hook for one build, as the daemon would, and returns what it says. */
  askHook(builders: string, system: string): string
  /** A line per call of `ssh` so far: its arguments, joined by one space. */
  readonly sshLog: string
}

const hookPaths = ['/usr/libexec/nix/build-remote', '/usr/lib/nix/build-remote']

export function nixSandbox(): NixSandbox {
  const folder = temporaryFolder()
  const at = (name: string) => join(folder, name)
  for (const name of ['conf', 'store', 'state', 'home', 'bin']) mkdirSync(at(name))
  writeFileSync(at('conf/nix.conf'), ownSettings)
  // Every connection fails, so that the hook goes through all machines and says each one's name.
  writeFileSync(at('bin/ssh'), `#!/bin/sh\necho "$*" >> ${at('ssh.log')}\nexit 255\n`)
  chmodSync(at('bin/ssh'), 0o755)
  const env = {
    PATH: `${at('bin')}:${process.env.PATH}`,
    HOME: at('home'),
    NIX_CONF_DIR: at('conf'),
    NIX_STORE_DIR: at('store'),
    NIX_STATE_DIR: at('state'),
    NIX_LOG_DIR: at('log'),
    NIX_REMOTE: '',
  }
  return {
    folder,
    sshLog: at('ssh.log'),
    showConfig: (text) => {
      writeFileSync(at('conf/nix.conf'), text)
      return run('nix', ['--extra-experimental-features', 'nix-command', 'show-config', '--json'], { env })
    },
    askHook: (builders, system) => {
      const input = Buffer.concat([
        ...[number(1), string('builders'), string(builders), number(0)],
        ...[
          string('try'),
          number(0),
          string(system),
          string(`${at('store')}/${'0'.repeat(32)}-x.drv`),
          number(0),
        ],
      ])
      const own = hookPaths.find((path) => existsSync(path))
      // The hook writes build logs to descriptor 4 and reads what ssh said from 5.
      const { stderr } = run(
        '/bin/sh',
        ['-c', `exec ${own ?? 'nix __build-remote'} 1 4>/dev/null 5</dev/null`],
        {
          env,
          input,
        },
      )
      return stderr.split('\n').map(readable).join('\n')
    },
  }
}

/** The text of one line of the hook's log, without its colours. */
function readable(line: string): string {
  const text: unknown = line.startsWith('@nix ') ? JSON.parse(line.slice(5)).msg : line
  return stripVTControlCharacters(typeof text === 'string' ? text : '')
}

/** Without white space: Nix widens tabs and drops carriage returns in what it prints, but not in what it reads. */
export function bare(text: string): string {
  return text.replace(/\s/g, '')
}

const ownSettings = 'build-users-group =\nsubstituters =\n'

/** Nix's wire format: little-endian 64-bit numbers, strings padded to eight bytes (serialise.cc). */
function number(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}

function string(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([number(bytes.length), bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)])
}
