import { isDeepStrictEqual } from 'node:util'
import type { RegisteredBuilder } from '../../contract/builder'
import { whyNixFailed } from '../../core/causes/why-nix-failed'
import { parseMachines } from '../../core/nix/machines'
import { renderSubstituters } from '../../core/nix/substituter'
import { sshAlias } from '../../core/ssh/alias'
import { Refusal } from '../protocol/refusal'
import { showConfig } from '../system/local-nix'
import { outputOf } from '../system/process'
import { runSsh } from '../system/run-ssh'
import { controlMastersDirectory, keyPath, type System } from '../system/system'
import { generationPath, readFiles, renderGeneration } from './generations'
import type { State } from './state'

const timeoutMs = 20_000

/**
 * Lets the programs that will read a new generation read it before it comes into force; only what differs
 * from the one before, so that switching stays quick. Fails with NEEDS_ATTENTION, validation-failed.
 */
export async function validateGeneration(
  system: System,
  before: State | undefined,
  next: State,
): Promise<void> {
  const files = renderGeneration(system, next)
  const old = before && readFiles(system, before.generation)
  const folder = generationPath(system, next.generation)
  if (files.machines !== old?.machines) checkMachines(files.machines, next)
  if (files['nix.conf'] !== old?.['nix.conf'])
    await checkNixConf(system, `${folder}/nix.conf`, files['nix.conf'], next)
  if (files.known_hosts !== old?.known_hosts && files.known_hosts !== '') {
    await mustRun(system, ['ssh-keygen', '-lf', `${folder}/known_hosts`])
  }
  for (const builder of next.builders) {
    const known = before?.builders.find(({ id }) => id === builder.id)
    const isSame = known && isDeepStrictEqual({ ...known, enabled: builder.enabled }, builder)
    if (!isSame) await checkStanza(system, `${folder}/ssh_config`, builder)
  }
  // Whatever stands in our file, in a block of ours or not, ssh has to know for any host of root's.
  if (files.ssh_config !== old?.ssh_config && files.ssh_config !== '') {
    await mustRun(system, ['ssh', '-G', '-F', `${folder}/ssh_config`, 'elsewhere'])
  }
}

function failed(detail: string): never {
  throw new Refusal('NEEDS_ATTENTION', 'validation-failed', detail)
}

async function mustRun(system: System, command: Parameters<typeof runSsh>[1]): Promise<string> {
  const ran = await runSsh(system, command, timeoutMs)
  if (ran.status !== 0) failed(`${command[0]} does not take it: ${outputOf(ran)}`)
  return ran.stdout
}

/**
 * Lets ssh read root's own files and the system's, as it will for each login: a line at which it stops keeps it from
 * every host. Words that it does not know are none, as our stanza passes them over. Fails with NEEDS_ATTENTION,
 * ssh-config-broken, and the file and the line as ssh names them.
 */
export async function checkRootsSsh(system: System): Promise<void> {
  const ran = await runSsh(system, ['ssh', '-T', '-G', '-o', 'IgnoreUnknown=*', sshAlias('any')], timeoutMs)
  if (ran.status === 0) return
  const { reason, said } = whyNixFailed(ran.stderr, { of: 'handshake', target: {} })
  if (reason === 'ssh-config-broken') throw new Refusal('NEEDS_ATTENTION', reason, outputOf(ran), said)
  failed(`ssh does not take its own configuration: ${outputOf(ran)}`)
}

function checkMachines(text: string, { builders }: State): void {
  const old = parseMachines(text, 'old')
  const uris = builders
    .filter(({ enabled }) => enabled)
    .map(({ protocol, id }) => `${protocol}://${sshAlias(id)}`)
  const isRight =
    isDeepStrictEqual(old, parseMachines(text, 'new')) &&
    old.problems.length + old.includes.length === 0 &&
    isDeepStrictEqual(
      old.machines.map(({ uri }) => uri),
      uris,
    )
  if (!isRight) failed('Nix would not read the machines file as it is meant.')
}

async function checkNixConf(
  system: System,
  path: string,
  text: string,
  { remoteOnly, builders: all }: State,
): Promise<void> {
  const shown = await showConfig(system, { NIX_USER_CONF_FILES: path })
  const builders = /^builders = (.*)$/m.exec(text)?.[1]
  if (shown.builders !== builders) failed(`Nix reads builders as ${JSON.stringify(shown.builders)}.`)
  if (remoteOnly && shown['max-jobs'] !== 0) failed('Nix does not take max-jobs = 0.')
  for (const line of renderSubstituters(all)) {
    const [, name = '', values = ''] = /^extra-(\S+) = (.*)$/.exec(line) ?? []
    const read = shown[name]
    const isTaken = values.split(' ').every((value) => Array.isArray(read) && read.includes(value))
    if (name !== '' && !isTaken) failed(`Nix does not take ${line}.`)
  }
}

async function checkStanza(system: System, path: string, builder: RegisteredBuilder): Promise<void> {
  const stdout = await mustRun(system, ['ssh', '-G', '-F', path, sshAlias(builder.id)])
  const read = new Set(stdout.split('\n').map((line) => canonical(line.toLowerCase())))
  const expected = [
    `hostname ${builder.host}`,
    `port ${builder.port}`,
    `user ${builder.user}`,
    `hostkeyalias ${sshAlias(builder.id)}`,
    `identityfile ${keyPath(system, builder.id)}`,
    'stricthostkeychecking true',
    'batchmode yes',
    'controlmaster false',
    ...(builder.sharing === 'on' ? [`controlpath ${controlMastersDirectory(system)}/${builder.id}`] : []),
  ]
  const missing = expected.find((line) => !read.has(canonical(line.toLowerCase())))
  if (missing) failed(`ssh does not read "${missing}" for ${builder.id}.`)
}

/** ssh(1) writes an IPv6 address in its shortest form, whatever form it was given in (RFC 5952). */
function canonical(line: string): string {
  const [, address] = /^hostname (.*:.*)$/.exec(line) ?? []
  return address === undefined ? line : `hostname ${new URL(`ssh://[${address}]`).hostname}`
}
