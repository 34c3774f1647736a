import * as v from 'valibot'
import type { OwnedFile } from '../../contract/helper'
import { ProvisionParameters, type RemoteFacts } from '../../contract/remote'
import { sshAlias } from '../ssh/alias'
import { dedicatedBase } from './account'
import { baseFolder, keysFile } from './changes'

/** What a key may do on a builder; each key does one thing. */
export type KeyRole = 'build' | 'monitor' | 'collect'

/** What lies on a builder after provisioning, for the list of files that Millwright owns. */
export function remoteFiles(
  parameters: Readonly<Record<string, string>>,
  facts: RemoteFacts,
  buildKey: string,
): OwnedFile[] {
  const parsed = v.parse(ProvisionParameters, parameters)
  const { install, builder, monitor_key, collect_key, trust } = parsed
  const base = baseFolder(parsed, facts)
  const line = (script: string, key: string, role: KeyRole) =>
    key === ''
      ? ''
      : `restrict,command="${base}/bin/${script}" ${key} ${sshAlias(builder)} millwright:${install}:${role}\n`
  const isDedicated = parsed.mode === 'dedicated'
  const owns = 'whole'
  return [
    { path: `${base}/bin/millwright-serve`, mode: '0755', owns },
    { path: `${base}/bin/millwright-probe`, mode: '0755', owns },
    { path: `${base}/bin/millwright-collect`, mode: '0755', owns },
    { path: `${base}/state`, mode: isDedicated ? '0644' : '0600', owns },
    {
      path: keysFile(parsed, facts),
      mode: isDedicated ? '0644' : '0600',
      owns: isDedicated ? 'whole' : 'line',
      content: [
        line('millwright-serve', buildKey, 'build'),
        line('millwright-probe', monitor_key, 'monitor'),
        line('millwright-collect', collect_key, 'collect'),
      ].join(''),
    },
    ...(trust === ''
      ? []
      : [
          { path: `${dedicatedBase}/nix.conf`, mode: '0644', owns, content: `${trust}\n` } as const,
          {
            path: parsed.conf_file,
            mode: '0644',
            owns: 'line',
            content: `!include ${dedicatedBase}/nix.conf\n`,
          } as const,
        ]),
  ]
}
