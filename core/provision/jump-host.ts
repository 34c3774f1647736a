import * as v from 'valibot'
import { BuilderId, HostName, InstallId, Port, PublicKeyText } from '../../contract/grammar'
import type { PlanChange } from '../../contract/remote'
import { shellQuote } from '../text/shell-quote'

/** A builder behind a machine in between (ssh_config(5) ProxyJump). */
export interface JumpHostAccess {
  readonly install: string
  readonly id: string
  /** Where the way leads: the builder as the machine in between knows it. */
  readonly host: string
  readonly port: number
}

const AccessFields = v.object({ install: InstallId, id: BuilderId, host: HostName, port: Port })

/**
 * Lets root's key of one builder through to that builder alone: no shell, no other port (sshd(8),
 * AUTHORIZED_KEYS: restrict, port-forwarding, permitopen); `beside`: another key of root's to it stays. Throws on values
 * that break their grammar.
 */
export function grantAccessScript(
  text: string,
  access: JumpHostAccess,
  buildKey: string,
  nonce: string,
  { beside = false }: { readonly beside?: boolean } = {},
): string {
  const { host, port } = v.parse(AccessFields, access)
  const target = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const options = `restrict,port-forwarding,permitopen="${target}",command="/bin/false"`
  const line = `${options} ${v.parse(PublicKeyText, buildKey)} ${tagOf(access)}`
  return script(text, access, line, nonce, beside)
}

/** Takes the line back; fine when there is none. */
export function revokeAccessScript(text: string, access: JumpHostAccess, nonce: string): string {
  return script(text, access, '', nonce)
}

/** What the plan says of it. */
export function jumpHostChange(
  jump: { readonly user: string; readonly host: string },
  id: string,
): PlanChange {
  return {
    where: 'remote',
    what: `On ${jump.host}, let the Nix daemon’s key through to ${id}: no shell, no other machine.`,
    target: `~${jump.user}/.ssh/authorized_keys on ${jump.host}`,
    undo: `Removing ${id} takes the line out again.`,
  }
}

function tagOf(access: JumpHostAccess): string {
  const { install, id } = v.parse(AccessFields, access)
  return `millwright:${install}:jump:${id}`
}

function script(text: string, access: JumpHostAccess, line: string, nonce: string, beside = false): string {
  const values = Object.entries({ nonce, tag: tagOf(access), line, beside: beside ? 'yes' : '' })
  return `${values.map(([name, value]) => `${name}=${shellQuote(value)}\n`).join('')}${text}`
}
