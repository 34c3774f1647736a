import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHelper } from '../../main/adapters/helper/helper'
import { createLocal } from '../../main/adapters/nix/local'
import { createUserConf, userConfFolder } from '../../main/adapters/nix/user-conf'
import { setModeForMe } from '../../main/usecases/set-mode'

/**
 * Runs on a host: throws a switch to and fro, makes sure each time, off the clock, that the next `nix` sees it, and
 * prints the milliseconds of each throw as JSON. Arguments: which switch, how often.
 */

interface Switch {
  throw(on: boolean): Promise<unknown>
  isOn(): boolean
}

const helper = createHelper({ terminal: 'none' })
const local = createLocal()
const userConf = createUserConf({
  folder: userConfFolder(),
  lockBeside: join(tmpdir(), 'user-conf'),
  readSettings: local.settings,
})
const isRemoteOnly = () => /^max-jobs = 0$/m.test(shownConfig())

const switches: Readonly<Record<string, Switch>> = {
  'remote-only-for-me': {
    throw: (on) => setModeForMe({ helper, userConf }, 'remote-only', on),
    isOn: isRemoteOnly,
  },
  'remote-only-for-everyone': {
    throw: (remoteOnly) => helper.call({ op: 'set-mode', remoteOnly }),
    isOn: isRemoteOnly,
  },
  'builder-for-everyone': {
    throw: (enabled) => helper.call({ op: 'set-enabled', id: 'live', enabled }),
    isOn: () => readFileSync('/etc/nix/millwright/current/machines', 'utf8').includes('millwright-live'),
  },
}

function shownConfig(): string {
  const words = ['--extra-experimental-features', 'nix-command', 'show-config']
  return execFileSync('nix', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
}

async function main([name = '', rounds = '5']: readonly string[]): Promise<void> {
  const { throw: turn, isOn } = switches[name] ?? raise(`no switch ${name}`)
  const samples: number[] = []
  for (let round = 0; round < 2 * Number(rounds); round++) {
    const on = !isOn()
    const start = performance.now()
    await turn(on)
    samples.push(performance.now() - start)
    if (isOn() !== on) raise(`${name} is not ${on ? 'on' : 'off'} for the next nix`)
  }
  process.stdout.write(JSON.stringify(samples))
}

function raise(message: string): never {
  throw new Error(message)
}

main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`${error.stack}\n`)
  process.exitCode = 1
})
