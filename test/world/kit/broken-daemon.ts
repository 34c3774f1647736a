import type { Host } from '../fleet/host'

const dropIn = '/run/systemd/system/nix-daemon.service.d/broken.conf'

/** From its next start on, the Nix daemon of a host ends at once. */
export async function breakDaemon(host: Host): Promise<void> {
  await host.writeFile(dropIn, '[Service]\nExecStart=\nExecStart=/bin/false\n')
  await host.must(['systemctl', 'daemon-reload'])
}

export async function mendDaemon(host: Host): Promise<void> {
  await host.must(['rm', dropIn])
  await host.must(['systemctl', 'daemon-reload'])
  const units = ['nix-daemon.socket', 'nix-daemon.service']
  await host.must(['systemctl', 'reset-failed', ...units])
  await host.must(['systemctl', 'restart', ...units])
}
