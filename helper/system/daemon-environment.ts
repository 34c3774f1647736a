import { readdirSync, readFileSync, statSync } from 'node:fs'

/**
 * NIX_SSHOPTS of the Nix daemon that runs here as root (nix-remote-build: ssh takes it before anything else); undefined
 * where it has none, or where /proc does not tell.
 */
export function daemonSshOptions(): string | undefined {
  for (const pid of processIds()) {
    const options = readDaemon(pid)?.find((line) => line.startsWith('NIX_SSHOPTS='))
    if (options !== undefined) return options.slice('NIX_SSHOPTS='.length) || undefined
  }
  return undefined
}

function processIds(): readonly string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  } catch {
    // macOS has no /proc: what the daemon's environment is stays unknown there.
    return []
  }
}

/** The environment of a process, where it is root's Nix daemon. */
function readDaemon(pid: string): readonly string[] | undefined {
  try {
    if (statSync(`/proc/${pid}`).uid !== 0) return undefined
    const [program = ''] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0', 1)
    if (!/(^|\/)(nix-daemon|determinate-nixd)$/.test(program)) return undefined
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  } catch {
    // It ended meanwhile.
    return undefined
  }
}
