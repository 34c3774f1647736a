import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import * as v from 'valibot'
import policy from '../../assets/polkit/org.millwright.policy?raw'
import { version } from '../../package.json'
import guard from '../guard/millwright-answers.sh?raw'
import { makeDirectory, removeFile, removeIfEmpty, syncDirectory, writeWhole } from '../system/disk'
import { platform } from '../system/find-installation'
import { currentLink, thisSystem } from '../system/system'
import { whyNotTrusted } from '../system/trusted-path'
import { launcher } from './launcher'

/** `development` stands beside a packaged helper: another folder, other action ids. */
export type Variant = 'system' | 'development'

export interface InstallPlan {
  readonly variant: Variant
  /** Where to; by default /usr/lib/millwright or /usr/lib/millwright-dev. */
  readonly prefix?: string | undefined
  /** The folder that holds the two bundled programs. */
  readonly programs: string
  /** A Node of version `oldestRuntime` or later, to be copied; by default the one that runs this. */
  readonly runtime?: string | undefined
}

export interface InstallStatus {
  readonly state: 'ready' | 'missing' | 'insecure'
  readonly prefix: string
  readonly version?: string
  readonly hasPolicy: boolean
  /** What is not as it was installed, in words. */
  readonly problems: readonly string[]
}

export const programs = ['millwright-switch', 'millwright-configure'] as const
/** What the programs are built for, and an older Node gets no fixes any more. */
export const oldestRuntime = 26
const policies = '/usr/share/polkit-1/actions'
const Receipt = v.object({ version: v.string(), files: v.record(v.string(), v.string()) })

export function defaultPrefix(variant: Variant): string {
  const name = variant === 'system' ? 'millwright' : 'millwright-dev'
  return platform === 'darwin' ? `/Library/PrivilegedHelperTools/${name}` : `/usr/lib/${name}`
}

function policyPath(variant: Variant): string {
  return `${policies}/org.millwright${variant === 'system' ? '' : '.dev'}.policy`
}

/** The policy for another folder and, for development, with other action ids. */
export function renderPolicy(variant: Variant, prefix: string): string {
  if (/[<>&"']/.test(prefix)) throw new Error(`A policy cannot name the folder ${prefix}.`)
  const placed = policy.replaceAll('>/usr/lib/millwright/', `>${prefix}/`)
  return variant === 'system' ? placed : placed.replaceAll('"org.millwright.', '"org.millwright.dev.')
}

/** Puts both programs, their runtime and the policy in place; run twice it changes nothing. Needs root. */
export function installHelper({
  variant,
  prefix: wanted,
  programs: from,
  runtime,
}: InstallPlan): InstallStatus {
  const prefix = makePrefix(wanted ?? defaultPrefix(variant))
  const contents = {
    node: readFileSync(checkRuntime(realpathSync(runtime ?? process.execPath))),
    ...contentsOf(prefix, from),
  }
  for (const [name, content] of Object.entries(contents)) put(`${prefix}/${name}`, content, modeOf(name))
  put(`${prefix}/install.json`, receiptOf(contents), 0o644)
  if (existsSync(policies)) put(policyPath(variant), Buffer.from(renderPolicy(variant, prefix)), 0o644)
  checkItRuns(`${prefix}/millwright-switch`)
  return installStatus({ variant, prefix })
}

export interface LayOutPlan {
  /** Where the programs are going to be run from, by its canonical name; they are written there. */
  readonly prefix: string
  /** The folder that holds the two bundled programs. */
  readonly programs: string
  /** The Node that they run on; it stays where it is. */
  readonly node: string
  /** Where the policy goes. */
  readonly policies: string
}

/**
 * Writes what `installHelper` puts in place, for a package whose files are root's once it is installed: it needs no root,
 * and the Node stays where the package system has it.
 */
export function layOutHelper({ prefix, programs: from, node, policies: folder }: LayOutPlan): void {
  const contents = contentsOf(requirePlain(prefix), from)
  for (const made of [prefix, folder]) mkdirSync(made, { recursive: true, mode: 0o755 })
  for (const [name, content] of Object.entries({ ...contents, 'install.json': receiptOf(contents) })) {
    writeFileSync(`${prefix}/${name}`, content)
    chmodSync(`${prefix}/${name}`, modeOf(name))
  }
  symlinkSync(checkRuntime(node), `${prefix}/node`)
  writeFileSync(join(folder, basename(policyPath('system'))), renderPolicy('system', prefix))
}

/** All but the runtime. */
function contentsOf(prefix: string, from: string): Record<string, Buffer> {
  const program = (name: string) => `${launcher(prefix, name)}${readFileSync(join(from, name), 'utf8')}`
  return {
    'package.json': Buffer.from('{ "type": "commonjs" }\n'),
    'millwright-answers': Buffer.from(guard),
    ...Object.fromEntries(programs.map((name) => [name, Buffer.from(program(name))])),
  }
}

function receiptOf(contents: Readonly<Record<string, Buffer>>): Buffer {
  const files = Object.fromEntries(Object.entries(contents).map(([name, content]) => [name, sha256(content)]))
  return Buffer.from(`${JSON.stringify({ version, files }, undefined, 2)}\n`)
}

function modeOf(name: string): number {
  return name.endsWith('.json') ? 0o644 : 0o755
}

function requirePlain(path: string): string {
  if (!/^\/[\w./+-]+$/.test(path)) throw new Error(`A script of sh(1) cannot name ${path} plainly.`)
  return path
}

/** Canonical, as polkit compares the path it runs with the one in the policy. */
function makePrefix(wanted: string): string {
  if (!existsSync(dirname(wanted))) mkdirSync(dirname(wanted), { recursive: true, mode: 0o755 })
  makeDirectory(wanted, 0o755)
  const prefix = requirePlain(realpathSync(wanted))
  const problem = whyNotTrusted(prefix, thisSystem())
  if (problem) throw new Error(`The helper would not be safe in ${prefix}: ${problem}.`)
  return prefix
}

function put(path: string, content: Buffer, mode: number): void {
  const isSame = existsSync(path) && readFileSync(path).equals(content)
  if (!isSame || (statSync(path).mode & 0o7777) !== mode) writeWhole(path, content, { mode, uid: 0, gid: 0 })
}

/** Electron can pass for Node; the private runtime must not be that. Throws where root would run on an older Node. */
export function checkRuntime(path: string): string {
  const script = `process.exit(process.versions.electron || parseInt(process.versions.node) < ${oldestRuntime} ? 1 : 0)`
  const { status } = spawnSync(path, ['-e', script], { env: {}, timeout: 20_000 })
  if (status !== 0) throw new Error(`${path} is not a Node of version ${oldestRuntime} or later.`)
  return path
}

function checkItRuns(program: string): void {
  const ran = spawnSync(program, [], { input: '{"op":"status"}', env: {}, encoding: 'utf8', timeout: 20_000 })
  const isRight = ran.status === 0 && ran.stdout.trim().split('\n').at(-1)?.includes('"code":"OK"')
  if (!isRight) throw new Error(`${program} does not run: ${ran.error?.message ?? ran.stdout + ran.stderr}`)
}

/**
 * Has root's files written as the helper just installed writes them, where builders are set up. Returns what kept it
 * from that: the next change of a builder does the same, so the helper is installed all the same.
 */
export function refreshRootsFiles(prefix: string): string | undefined {
  if (!existsSync(currentLink(thisSystem()))) return undefined
  const input = '{"op":"refresh"}'
  const { status, stdout } = spawnSync(`${prefix}/millwright-configure`, [], {
    ...{ input, env: {}, encoding: 'utf8' },
    timeout: 120_000,
  })
  return status === 0
    ? undefined
    : `What the helper before wrote stays in force: ${stdout.trim().split('\n').at(-1)}`
}

/** Needs root. The builders stay as they are; `millwright uninstall` takes those back. */
export function uninstallHelper({
  variant,
  prefix = defaultPrefix(variant),
}: Pick<InstallPlan, 'variant' | 'prefix'>): void {
  removeFile(policyPath(variant))
  if (!existsSync(prefix)) return
  for (const name of [...programs, 'millwright-answers', 'node', 'package.json', 'install.json'])
    removeFile(`${prefix}/${name}`)
  syncDirectory(prefix)
  removeIfEmpty(prefix)
}

/** What is installed, and whether it is still what was installed. Anyone may ask. */
export function installStatus({
  variant,
  prefix = defaultPrefix(variant),
}: Pick<InstallPlan, 'variant' | 'prefix'>): InstallStatus {
  const hasPolicy = existsSync(policyPath(variant))
  const receipt = readReceipt(prefix)
  if (!receipt) return { state: 'missing', prefix, hasPolicy, problems: [] }
  if (receipt === 'damaged')
    return { state: 'insecure', prefix, hasPolicy, problems: [`${prefix}/install.json is damaged`] }
  const problems = Object.entries(receipt.files).flatMap(([name, hash]) =>
    problemOf(`${prefix}/${name}`, hash),
  )
  if (hasPolicy && readFileSync(policyPath(variant), 'utf8') !== renderPolicy(variant, prefix)) {
    problems.push(`${policyPath(variant)} is not as it was installed`)
  }
  const state = problems.length === 0 ? 'ready' : 'insecure'
  return { state, prefix, version: receipt.version, hasPolicy, problems }
}

function readReceipt(prefix: string): v.InferOutput<typeof Receipt> | 'damaged' | undefined {
  const path = `${prefix}/install.json`
  if (!existsSync(path)) return undefined
  try {
    return v.parse(Receipt, JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return 'damaged' // installing again writes it anew
  }
}

function problemOf(path: string, hash: string): string[] {
  if (!existsSync(path)) return [`${path} is missing`]
  const untrusted = whyNotTrusted(path, thisSystem())
  if (untrusted) return [untrusted]
  return sha256(readFileSync(path)) === hash ? [] : [`${path} is not as it was installed`]
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}
