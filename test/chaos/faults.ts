import type { Host } from '../world/fleet/host'
import { millwright } from '../world/kit/terminal'

export interface ChaosHosts {
  readonly client: Host
  /** One of the builders, whichever. */
  readonly builder: Host
}

/** Something that happens while an operation runs, and how it is put right afterwards. */
export interface ChaosFault {
  readonly happens: (hosts: ChaosHosts, nonce: string) => Promise<unknown>
  readonly mended?: (hosts: ChaosHosts) => Promise<unknown>
  /** Ends the operation itself, so that its exit status says nothing. */
  readonly isFatal?: true
}

const signalled = (signal: string, program: string): ChaosFault => ({
  happens: ({ client }) => client.sh(`pkill -${signal} -f '${program}'`),
  isFatal: true,
})
const terminal = '[m]ain/cli.js'
const helper = '/[m]illwright-(switch|configure)'

/** Nothing happens. */
export const calm: ChaosFault = { happens: async () => undefined }

/** By name. None leaves what a person would have to repair by hand. */
export const chaosFaults: Readonly<Record<string, ChaosFault>> = {
  'nothing happens': calm,
  'the program is killed': signalled('KILL', terminal),
  'Ctrl-C': signalled('INT', terminal),
  'the terminal is closed': signalled('HUP', terminal),
  'the helper is killed': signalled('KILL', helper),
  'sshd stops': {
    happens: ({ builder }) => builder.stopSshd(),
    mended: ({ builder }) => builder.startSshd(),
  },
  'the cable is pulled': {
    happens: ({ builder }) => builder.cutNetwork(),
    mended: ({ builder }) => builder.mendNetwork(),
  },
  'the builder’s Nix daemon stops': {
    happens: ({ builder }) => builder.sh('systemctl stop nix-daemon.socket nix-daemon.service'),
    mended: ({ builder }) => builder.sh('systemctl start nix-daemon.socket'),
  },
  'the builder’s disk fills up': {
    happens: ({ builder }) => builder.sh('head -c 2G /dev/zero >/var/lib/filler'),
    mended: ({ builder }) => builder.sh('rm -f /var/lib/filler'),
  },
  'a pause and a resume of the same builder at once': {
    happens: async ({ client, builder }) => {
      await Promise.all(['pause', 'resume'].map((verb) => millwright(client, `${verb} ${builder.name}`)))
    },
  },
  'another window tests it': { happens: ({ client, builder }) => millwright(client, `test ${builder.name}`) },
  'this computer’s Nix daemon restarts': { happens: ({ client }) => client.restartDaemon() },
  'somebody saves nix.conf': {
    happens: ({ client }, nonce) =>
      client.sh(
        `cd /etc/nix && cp -p nix.conf .edited && echo '# ${nonce}' >>.edited && mv .edited nix.conf`,
      ),
  },
}
