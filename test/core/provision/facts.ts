import fc from 'fast-check'
import type { AddOptions } from '../../../contract/commands'
import type { RemoteFacts } from '../../../contract/remote'
import { planProvision } from '../../../core/provision/plan'
import type { ScriptTexts } from '../../../core/provision/script'

type Nix = NonNullable<RemoteFacts['nix']>

export const nix: Nix = {
  version: 'nix (Nix) 2.18.9',
  kind: 'multi-user',
  storeOwner: 'root',
  binDir: '/nix/var/nix/profiles/default/bin',
  onPath: false,
  system: 'x86_64-linux',
  extraPlatforms: ['i686-linux', 'x86_64-v1-linux'],
  systemFeatures: ['benchmark', 'big-parallel', 'nixos-test', 'gccarch-znver3'],
  trustedUsers: ['root'],
  allowedUsers: ['*'],
  confDir: '/etc/nix',
  confFile: '/etc/nix/nix.conf',
  daemonRunning: true,
}

/** A Debian server with eight CPUs and Nix for everybody, seen by somebody with sudo. */
export const facts: RemoteFacts = {
  hostName: 'otto',
  user: 'admin',
  uid: 1000,
  groups: ['admin', 'sudo'],
  home: '/home/admin',
  kernel: 'linux',
  architecture: 'x86_64',
  osName: 'Debian GNU/Linux 12 (bookworm)',
  init: 'systemd',
  nix,
  cpus: 8,
  memoryBytes: 32 * 2 ** 30,
  storeFreeBytes: 2 ** 40,
  kvm: true,
  root: 'sudo-password',
  runningBuilds: 0,
  speedScore: 64,
  accounts: [],
  keys: [],
  scripts: [],
  fragment: [],
}

export const withNix = (some: Partial<Nix>, rest: Partial<RemoteFacts> = {}): RemoteFacts => ({
  ...facts,
  ...rest,
  nix: { ...nix, ...some },
})

/** Short stand-ins that show what stands around them. */
export const texts: ScriptTexts = {
  inspect: 'echo inspect\n',
  common: 'echo common\n',
  provision: 'serve_text; probe_text; collect_text; echo "$user $build_key"\n',
  unprovision: 'echo unprovision\n',
  serve: 'echo serve\n',
  jump: 'echo jump\n',
  probe: 'echo probe\n',
  collect: 'echo collect\n',
  substituter: 'echo "$act $restart"\n',
}

export const monitorKey = `ssh-ed25519 ${'M'.repeat(68)}`
export const collectKey = `ssh-ed25519 ${'C'.repeat(68)}`
export const buildKey = `ssh-ed25519 ${'B'.repeat(68)}`

export const installId = '0123abcd'
export const oldNix = 'nix (Nix) 2.8.0'
export const newNix = 'nix (Nix) 2.28.5'

/** Plans for a client with an old Nix, three times slower than the machine above. */
export const plan = (found: RemoteFacts, options: AddOptions = {}, nixVersion = oldNix) =>
  planProvision({
    facts: found,
    local: { nixVersion, system: 'x86_64-linux', speedScore: 20 },
    options,
    scripts: texts,
    installId,
    monitorKey,
    collectKey,
  })

/** The same where it has to succeed. */
export function planned(...args: Parameters<typeof plan>) {
  const result = plan(...args)
  if (!result.ok) throw new Error(result.failure.code)
  return result.value
}

/** Any text at all, half of it ASCII. (fast-check's own `binary` unit takes seconds to get going.) */
export const anyText = fc.string({
  unit: fc.oneof(fc.nat(0x7f), fc.nat(0x10ffff)).map((point) => String.fromCodePoint(point)),
})
