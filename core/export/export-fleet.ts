import type { OtherMachine } from '../../contract/daemon'
import { type Fleet, knownHostsText, machineLines, sshText } from './fleet'
import { type NixValue, renderNix } from './nix-value'

export const exportFormats = ['machines', 'ssh', 'nixos', 'darwin', 'home-manager'] as const
export type ExportFormat = (typeof exportFormats)[number]

/** Where NixOS and nix-darwin write what `programs.ssh.knownHosts` says. */
const systemKnownHosts = '/etc/ssh/ssh_known_hosts'
const ownKnownHosts = '~/.ssh/millwright_known_hosts'

/** A fleet as text: the lines of a machines file or of an ssh_config, or a module to import. */
export function exportFleet(format: ExportFormat, fleet: Fleet): string {
  return { machines, ssh, nixos, darwin: nixos, 'home-manager': homeManager }[format](fleet)
}

function machines(fleet: Fleet): string {
  return `${remarks(fleet)}${machineLines(fleet)
    .map((line) => `${line}\n`)
    .join('')}`
}

function ssh(fleet: Fleet): string {
  const pins = knownHostsText(fleet).split('\n').slice(0, -1)
  const shown = pins.map((line) => `#   ${line}\n`).join('')
  const head = pins.length === 0 ? '' : `\n# To stand in ${ownKnownHosts}:\n${shown}`
  return `${remarks(fleet)}${sshText(fleet, { user: ownKnownHosts })}${head}`
}

/** nix-darwin has the same options by the same names. */
function nixos(fleet: Fleet): string {
  const config: NixValue = {
    nix: {
      distributedBuilds: true,
      buildMachines: buildMachines(fleet),
      settings: fleet.settings,
    },
    ...(fleet.builders.length === 0
      ? {}
      : {
          'programs.ssh': {
            extraConfig: sshText(fleet, { user: '/dev/null', global: systemKnownHosts }),
            knownHosts: knownHosts(fleet),
          },
        }),
  }
  return moduleText(fleet, config)
}

/** One entry a key; a machine may have several of a type. */
function knownHosts(fleet: Fleet): Record<string, NixValue> {
  const entries: Record<string, NixValue> = {}
  for (const line of new Set(knownHostsText(fleet).split('\n').slice(0, -1))) {
    const [name = '', type = '', key = ''] = line.split(' ')
    const base = `${name}-${type}`
    const before = Object.keys(entries).filter((one) => one.startsWith(base)).length
    entries[before === 0 ? base : `${base}-${before + 1}`] = {
      hostNames: [name],
      publicKey: `${type} ${key}`,
    }
  }
  return entries
}

/** One file of its own that ssh reads first: its blocks would otherwise come in the order of their names. */
function homeManager(fleet: Fleet): string {
  const config: NixValue = {
    'nix.settings': { builders: machineLines(fleet).join(' ; '), ...fleet.settings },
    ...(fleet.builders.length === 0
      ? {}
      : {
          'programs.ssh': { enable: true, includes: ['millwright'] },
          'home.file': {
            '.ssh/millwright': { text: sshText(fleet, { user: ownKnownHosts }) },
            '.ssh/millwright_known_hosts': { text: knownHostsText(fleet) },
          },
        }),
  }
  return moduleText(fleet, config)
}

/** As `nix.buildMachines` takes them. */
export function buildMachines({ builders, others, keyPath }: Fleet): NixValue[] {
  return [
    ...builders.map(({ id, protocol, systems, maxJobs, speedFactor, ...rest }) => ({
      hostName: `millwright-${id}`,
      protocol,
      systems,
      sshKey: keyPath(id),
      maxJobs,
      speedFactor,
      supportedFeatures: rest.supportedFeatures,
      mandatoryFeatures: rest.mandatoryFeatures,
    })),
    ...others.map(otherMachine),
  ]
}

/** A store that is not reached by SSH keeps its whole name, and no protocol is put before it. */
function otherMachine(machine: OtherMachine): NixValue {
  const [, protocol, user, name] = /^(ssh|ssh-ng):\/\/(?:([^@/?]*)@)?(.*)$/.exec(machine.uri) ?? []
  return {
    hostName: name ?? machine.uri,
    protocol: protocol ?? null,
    ...(user === undefined ? {} : { sshUser: user }),
    ...(machine.systems === undefined ? {} : { systems: machine.systems }),
    ...(machine.sshKey === undefined ? {} : { sshKey: machine.sshKey }),
    maxJobs: machine.maxJobs,
    // The option takes whole numbers alone, and 0 means 1.
    speedFactor: Math.max(1, Math.round(machine.speedFactor)),
    supportedFeatures: machine.supportedFeatures,
    mandatoryFeatures: machine.mandatoryFeatures,
    ...(machine.publicHostKey === undefined ? {} : { publicHostKey: machine.publicHostKey }),
  }
}

function moduleText(fleet: Fleet, config: { readonly [name: string]: NixValue }): string {
  // A path of attributes is no name to be quoted.
  const lines = Object.entries(config).map(([path, value]) => `  ${path} = ${renderNix(value, '  ')};\n`)
  return `${remarks(fleet)}{ ... }:\n\n{\n${lines.join('')}}\n`
}

function remarks({ builders, others, leftOut }: Fleet): string {
  const fractions = others.filter(({ speedFactor }) => !Number.isInteger(speedFactor)).length
  return [
    'What Millwright found in force.',
    ...(builders.length > 0 ? ['Private keys are not in here: each stays in the file that is named.'] : []),
    ...(fractions > 0
      ? ['NixOS and nix-darwin take whole speed factors alone; others are rounded there.']
      : []),
    ...leftOut.map((sentence) => `Not in here: ${sentence}`),
  ]
    .map((sentence) => `# ${sentence}\n`)
    .join('')
}
