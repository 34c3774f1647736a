import { randomBytes } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { homedir, hostname, networkInterfaces, userInfo } from 'node:os'
import type { LocalNix } from '../../../contract/snapshot'
import { type MachineIdentity, parseIdentity } from '../../../core/provision/identity'
import { parseSpeed } from '../../../core/provision/inspect'
import { identityScript, speedScript } from '../../../core/scripts/script'
import { cleanText } from '../../../core/text/clean-text'
import { foreignFiles } from '../../../helper/state/foreign-files'
import { findInstallation } from '../../../helper/system/find-installation'
import { thisSystem } from '../../../helper/system/system'
import { fail } from '../../failures'
import type { LocalPort } from '../../ports/local'
import { findReachable } from '../ssh/config/reachable'
import { remoteScripts } from '../ssh/remote-scripts'
import { runProgram } from '../system/run-program'
import { createShowConfig, readEffectiveSettings, type ShowConfig } from './effective-settings'
import { findNix } from './find-nix'

export interface LocalOptions {
  readonly homeDir?: string
  readonly systemDir?: string
  /** Searched for Nix before the usual places; by default PATH. */
  readonly path?: string
  /** What decides which files Nix reads; this process's own unless told. */
  readonly env?: NodeJS.ProcessEnv
}

const timeoutMs = 20_000
const lookupMs = 1_000

/** Reads this computer, and never changes it. */
export function createLocal(options: LocalOptions = {}): LocalPort {
  const homeDir = options.homeDir ?? homedir()
  const { env = process.env } = options
  const show = createShowConfig(homeDir, env)
  const find = () => findNix(options.path, homeDir) ?? fail('LOCAL_WITHOUT_NIX')
  return {
    nix: async () => readNix(find(), show),
    settings: async () => readEffectiveSettings(find(), homeDir, env, show),
    namesOf,
    speedScore,
    identity,
    reachable: async () =>
      findReachable({
        homeDir,
        systemDir: options.systemDir ?? '/etc/ssh',
        userName: userInfo().username,
        ownNames: ownNames(),
      }),
  }
}

async function readNix(nix: string, show: ShowConfig): Promise<LocalNix> {
  // A broken nix.conf stops even --version, so this one reads none.
  const blind = { ...process.env, NIX_CONF_DIR: '/nonexistent', NIX_USER_CONF_FILES: '' }
  const version = await runProgram([nix, '--version'], { timeoutMs, env: blind })
  if (version.status !== 0) return fail('LOCAL_WITHOUT_NIX', {}, cleanText(version.stderr))
  const { system } = await show(nix)
  const { kind, maker, isMine, owner } = findInstallation()
  return {
    version: cleanText(version.stdout, 200).trim(),
    kind: kind === 'daemon' ? 'multi-user' : 'single-user',
    ...(isMine ? { isMine } : {}),
    ...(owner === undefined || isMine ? {} : { owner: await nameOf(owner) }),
    system,
    ...(maker === 'nixos' || maker === 'nix-darwin' ? { declarative: maker, isDeclared: isDeclared() } : {}),
  }
}

/** Whether what a rebuild makes has our lines in it. */
function isDeclared(): boolean {
  return foreignFiles(thisSystem()).every((file) => file.isDeclared)
}

async function nameOf(uid: number): Promise<string> {
  const { stdout } = await runProgram(['id', '-un', String(uid)], { timeoutMs })
  return cleanText(stdout, 200).trim() || `uid ${uid}`
}

async function namesOf(host: string): Promise<readonly string[]> {
  const late = new Promise<[]>((resolve) => setTimeout(resolve, lookupMs, []).unref())
  const found = await Promise.race([lookup(host, { all: true }), late]).catch(() => []) // nobody of that name
  return [host, ...found.map(({ address }) => address)]
}

/** The very script that measures a builder, told to do nothing but measure. */
async function speedScore(): Promise<number> {
  const nonce = randomBytes(6).toString('hex')
  const input = speedScript(remoteScripts, nonce)
  const { stdout, stderr } = await runProgram(['/bin/sh', '-s'], { input, timeoutMs })
  return parseSpeed(stdout, nonce) ?? fail('UNEXPECTED', {}, cleanText(stderr || stdout, 4096))
}

/** By the very script that looks at a builder, so that both are told alike. */
async function identity(): Promise<MachineIdentity> {
  const nonce = randomBytes(6).toString('hex')
  const input = identityScript(remoteScripts, nonce)
  const { stdout } = await runProgram(['/bin/sh', '-s'], { input, timeoutMs })
  return parseIdentity(stdout, nonce)
}

function ownNames(): readonly string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  const name = hostname().toLowerCase()
  return [name, name.split('.')[0] ?? name, `${name}.local`, ...addresses.map(({ address }) => address)]
}
