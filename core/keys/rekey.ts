import * as v from 'valibot'
import type { OwnedFile } from '../../contract/helper'
import { type Plan, type PlanChange, ProvisionParameters, type RemoteFacts } from '../../contract/remote'
import { keysFile } from '../provision/changes'
import type { ScriptTexts } from '../scripts/assemble'
import { type LetInKeys, shownRekeyScript } from '../scripts/script'

export interface RekeyInput {
  readonly id: string
  readonly parameters: Readonly<Record<string, string>>
  readonly facts: RemoteFacts
  readonly scripts: ScriptTexts
  /** Whether the app's own keys to it are renewed as well. */
  readonly watches: boolean
  /** The machine before it, which lets root's key through. */
  readonly jump?: { readonly user: string; readonly host: string } | undefined
}

const untilProven =
  'Until the new ones are proven they are only let in beside the old, and are taken out again.'

/** What renewing the keys to a builder changes, to be approved. Throws on parameters that break their grammar. */
export function planRekey({ id, parameters, facts, scripts, watches, jump }: RekeyInput): Plan {
  const parsed = v.parse(ProvisionParameters, parameters)
  const known = watches ? parsed : { ...parsed, monitor_key: '', collect_key: '' }
  const local = (what: string, target: string, undo: string): PlanChange => ({
    where: 'local',
    what,
    target,
    undo,
  })
  const changes: PlanChange[] = [
    local(
      `Make a new key with which root’s Nix daemon logs in to ${id}. The old one is used until the new one has built.`,
      'root’s keys',
      'A key that has not built is deleted; the old one was in force all the time.',
    ),
    ...(watches
      ? [
          local(
            `Make new keys to watch ${id} and to free space there, for this builder alone.`,
            'your keychain',
            'Those of before come back.',
          ),
        ]
      : []),
    {
      where: 'remote',
      what: 'Let the new keys in for the same as the old ones: beside them at first, alone once they are proven.',
      target: keysFile(parsed, facts),
      undo: untilProven,
    },
    ...(jump
      ? [
          {
            where: 'remote',
            what: `On ${jump.host}, let the Nix daemon’s new key through to ${id}, and in the end no longer the old one.`,
            target: `~${jump.user}/.ssh/authorized_keys on ${jump.host}`,
            undo: untilProven,
          } as const,
        ]
      : []),
  ]
  return { changes, derived: [], consents: [], script: shownRekeyScript(scripts, known) }
}

/** The list of what lies there, with these keys in the lines for them, whichever were noted before. */
export function withKeys(files: readonly OwnedFile[], keys: LetInKeys): readonly OwnedFile[] {
  const line = / ssh-ed25519 \S+( (?:millwright-\S+ )?millwright:[0-9a-f]{8}:(build|monitor|collect))$/gm
  const put = (text: string) =>
    text.replace(line, (whole, tag: string, role: keyof LetInKeys) =>
      keys[role] === '' ? whole : ` ${keys[role]}${tag}`,
    )
  return files.map((file) => (file.content === undefined ? file : { ...file, content: put(file.content) }))
}
