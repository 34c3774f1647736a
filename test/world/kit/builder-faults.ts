import type { Host } from '../fleet/host'

/** Something that happens to a builder, and how it is put right. */
export interface BuilderFault {
  readonly happens: (host: Host) => Promise<unknown>
  readonly mended: (host: Host) => Promise<unknown>
}

const fakedClock = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1'

export const builderFaults = {
  killed: { happens: (host) => host.stopSshd(), mended: (host) => host.startSshd() },
  frozen: {
    happens: (host) => host.sh('pkill -STOP -x sshd'),
    mended: (host) => host.sh('pkill -CONT -x sshd'),
  },
  unplugged: { happens: (host) => host.cutNetwork(), mended: (host) => host.mendNetwork() },
  /** Of a disk of 1,700 MiB: low below 1 GiB there, and no longer from 1.2 GiB on. */
  full: {
    happens: (host) => host.must(['fallocate', '-l', '900MiB', '/nix/ballast']),
    mended: (host) => host.must(['rm', '/nix/ballast']),
  },
  nixless: {
    happens: (host) => host.must(['sh', '-c', 'mkdir -p /opt/aside && mv /usr/bin/nix* /opt/aside/']),
    mended: (host) => host.must(['sh', '-c', 'mv /opt/aside/nix* /usr/bin/']),
  },
  /** By 2 h 10 min. */
  fast: {
    happens: async (host) => {
      await host.writeFile('/etc/faketimerc', '+7800s\n')
      await host.writeFile('/etc/ld.so.preload', `${fakedClock}\n`)
    },
    mended: (host) => host.must(['rm', '/etc/ld.so.preload']),
  },
} as const satisfies Readonly<Record<string, BuilderFault>>
