import { mkdtempSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BuilderSpec, RegisteredBuilder } from '../../contract/builder'
import type { Context } from '../../helper/operations/apply-state'
import { type System, thisSystem } from '../../helper/system/system'

const hostKeys: BuilderSpec['hostKeys'] = [
  { type: 'ssh-ed25519', key: 'AAAAC3NzaC1lZDI1NTE5AAAAIKB4rTMpxYUpcegI5F8zBbn3cKAalr5PR6JudmWif/3r' },
]

export function builder(id: string): BuilderSpec {
  return {
    ...{ id, host: `${id}.example`, port: 22, user: 'nixremote', protocol: 'ssh-ng', hostKeys },
    ...{ systems: ['x86_64-linux'], supportedFeatures: ['kvm'], mandatoryFeatures: [] },
    ...{ maxJobs: 4, speedFactor: 1 },
  }
}

export function registered(id: string, enabled = true): RegisteredBuilder {
  return { ...builder(id), enabled, quarantined: false }
}

/** What an operation is given, for one that nobody listens to and nothing limits. */
export function quietContext(system: System): Context {
  const trail = { begin: () => undefined, makeRoom: () => undefined }
  return {
    ...{ system, step: () => undefined, trail },
    hold: { limitMs: 60_000, onOverdue: () => undefined },
  }
}

/** A system below a new folder of the test's, which belongs to whoever runs the tests. */
export function temporarySystem(): System {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'millwright-helper-')))
  return thisSystem(root, process.getuid?.() ?? 0)
}
