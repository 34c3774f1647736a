import type { BuilderSpec } from '../../contract/builder'
import type { OtherMachine } from '../../contract/daemon'
import type { OwnedFile } from '../../contract/helper'
import { renderMachineLine } from '../nix/machines'
import { parseNixConf } from '../nix/nix-conf'
import { renderKnownHosts } from '../ssh/known-hosts'
import { renderSshConfig } from '../ssh/ssh-config'
import type { NixValue } from './nix-value'

/** What is in force for Nix on this computer, ready to be written down. */
export interface Fleet {
  /** Those of ours that Nix uses. */
  readonly builders: readonly BuilderSpec[]
  readonly others: readonly OtherMachine[]
  /** Of nix.conf(5), without the builders themselves: a list where Nix takes several values. */
  readonly settings: Readonly<Record<string, NixValue>>
  /** Where root’s private key to a builder lies; it never leaves there. */
  readonly keyPath: (id: string) => string
  /** What is not in here, and why, a sentence each. */
  readonly leftOut: readonly string[]
}

interface InForce {
  readonly builders: readonly (BuilderSpec & { readonly enabled: boolean; readonly quarantined: boolean })[]
  readonly others: readonly OtherMachine[]
  readonly localFiles: readonly Pick<OwnedFile, 'path' | 'owns' | 'content'>[]
}

/** One that is paused or in quarantine is not in force; a line that no text holds as it is says so. */
export function fleetOf({ builders, others, localFiles }: InForce): Fleet {
  const isUsed = ({ enabled, quarantined }: InForce['builders'][number]) => enabled && !quarantined
  const off = builders.filter((builder) => !isUsed(builder)).map(({ id }) => `${id} is off.`)
  const odd = others.filter((machine) => !isPlain(machine)).length
  const conf = localFiles.find(({ path, owns }) => owns === 'whole' && path.endsWith('/nix.conf'))
  return {
    builders: builders.filter(isUsed).map(toSpec),
    others: others.filter(isPlain),
    settings: settingsIn(conf?.content ?? ''),
    keyPath: (id) => keyPathIn(localFiles, id),
    leftOut: [...off, ...(odd > 0 ? [`${odd} of others hold characters that no such file can.`] : [])],
  }
}

/** One builder by itself, whether it is on or not. */
export function fleetOfOne(builder: BuilderSpec, localFiles: InForce['localFiles']): Fleet {
  const settings = settingsIn('')
  return {
    ...{ builders: [toSpec(builder)], others: [], settings, leftOut: [] },
    keyPath: (id) => keyPathIn(localFiles, id),
  }
}

/** Sharing a connection is this computer's alone. */
function toSpec(builder: BuilderSpec): BuilderSpec {
  const { id, host, port, user, protocol, systems, supportedFeatures, mandatoryFeatures } = builder
  const { maxJobs, speedFactor, hostKeys, jump } = builder
  return {
    ...{ id, host, port, user, protocol, systems, supportedFeatures, mandatoryFeatures },
    ...{ maxJobs, speedFactor, hostKeys, ...(jump ? { jump } : {}) },
  }
}

/** As the helper names it among what it owns. */
export function keyPathIn(files: readonly Pick<OwnedFile, 'path'>[], id: string): string {
  return files.find(({ path }) => path.endsWith(`/keys/${id}`))?.path ?? `/etc/nix/millwright/keys/${id}`
}

/** A machine written anew as one line that every Nix reads alike. */
export function renderOtherLine(machine: OtherMachine): string {
  const list = (items: readonly string[] = []) => items.join(',') || '-'
  return [
    machine.uri,
    list(machine.systems),
    machine.sshKey ?? '-',
    machine.maxJobs,
    machine.speedFactor,
    list(machine.supportedFeatures),
    list(machine.mandatoryFeatures),
    machine.publicHostKey ?? '-',
  ].join(' ')
}

/** The lines of a machines file, ours first. */
export function machineLines({ builders, others, keyPath }: Fleet): readonly string[] {
  return [...builders.map((builder) => renderMachineLine(builder, keyPath)), ...others.map(renderOtherLine)]
}

interface KnownHostsPlaces {
  readonly user: string
  readonly global?: string
}

/** Our stanzas without what only this computer has: the guard, and connections that are held. */
export function sshText({ builders, keyPath }: Fleet, { user, global }: KnownHostsPlaces): string {
  const master = () => 'none'
  const paths = { key: keyPath, knownHosts: user, master, ...(global ? { globalKnownHosts: global } : {}) }
  return renderSshConfig(builders, paths)
}

/** One line a pinned key, `ALIAS TYPE BASE64`. */
export function knownHostsText({ builders }: Fleet): string {
  return renderKnownHosts(builders)
}

/** What our part of root's nix.conf says besides; the options that NixOS has for these take no text for a number. */
function settingsIn(conf: string): Fleet['settings'] {
  const others = parseNixConf(conf, 'nix.conf').settings.filter(({ name }) => name !== 'builders')
  return {
    'builders-use-substitutes': true,
    ...Object.fromEntries(others.map(({ name, value }) => [name, typed(name, value)])),
  }
}

function typed(name: string, value: string): NixValue {
  if (name.startsWith('extra-')) return value.split(' ')
  if (value === 'true' || value === 'false') return value === 'true'
  return /^\d{1,9}$/.test(value) ? Number(value) : value
}

function isPlain(machine: OtherMachine): boolean {
  return /^[ -~]*$/.test(renderOtherLine(machine))
}
