import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Host } from '../fleet/host'

interface LaidFile {
  readonly type: 'd' | 'f' | 'l'
  readonly mode: string
  readonly path: string
  readonly link?: string
  readonly content?: string
}

/** Both sides of one builder as the first landed version left them, private keys taken out. */
const files: Readonly<Record<'client' | 'anna', readonly LaidFile[]>> = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/landed/690fc8f.json'), 'utf8'),
)

/** Its key lines over there are of this installation. */
export const firstLandingRecord = '/root/.local/share/millwright/builders/anna.json'

/**
 * Lays down on two hosts what the first landed version had written when root of `client` had added `anna`, logged in as
 * `easy` by the key in /tmp/key.
 */
export async function layFirstLanding(client: Host, anna: Host): Promise<void> {
  await Promise.all([lay(client, files.client), lay(anna, files.anna)])
  await include(client, '!include /etc/nix/millwright/current/nix.conf')
  await client.restartDaemon()
  // A fleet’s host keys are its own.
  const known = (await anna.hostKeys()).map((key) => `anna ${key}\n`).join('')
  await client.writeFile('/root/.local/share/millwright/known_hosts', known, { mode: '0600' })
  // As its provision.sh did.
  await anna.must([
    ...['useradd', '--system', '--user-group', '--no-create-home', '--home-dir', '/var/lib/millwright/home'],
    ...['--shell', '/bin/sh', '--password', '*', 'nixremote'],
  ])
  await include(anna, '!include /var/lib/millwright/nix.conf')
  await anna.restartDaemon()
}

async function lay(host: Host, laid: readonly LaidFile[]): Promise<void> {
  for (const { type, mode, path, link = '', content = '' } of laid) {
    if (type === 'd') await host.must(['install', '-d', '-m', mode, path])
    else if (type === 'l') await host.must(['ln', '-s', link, path])
    else await host.writeFile(path, content, { mode })
  }
}

async function include(host: Host, line: string): Promise<void> {
  await host.must(['sh', '-c', 'printf "%s\\n" "$0" >>/etc/nix/nix.conf', line])
}
