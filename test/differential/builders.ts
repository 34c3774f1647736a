import type { BuilderSpec } from '../../contract/builder'

const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIKB4rTMpxYUpcegI5F8zBbn3cKAalr5PR6JudmWif/3r'
const hostKeys: BuilderSpec['hostKeys'] = [{ type: 'ssh-ed25519', key }]
const place = { port: 22, user: 'nixremote', hostKeys }

/** A builder that is reached directly. */
export const anna: BuilderSpec = {
  ...{ ...place, id: 'anna', host: '10.0.0.7', protocol: 'ssh-ng', maxJobs: 1, speedFactor: 1 },
  ...{ systems: ['x86_64-linux'], supportedFeatures: [], mandatoryFeatures: [] },
}

/** One behind another machine. */
export const otto: BuilderSpec = { ...anna, id: 'otto', jump: { ...place, host: '10.0.0.8', port: 2222 } }
