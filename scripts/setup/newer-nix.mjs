import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { systemCache } from './paths.mjs'
import { runQuietly } from './run.mjs'

/** What a host of the pocket fleet needs besides the smallest Debian; libsecret for the keychain's library. */
const packages = [
  ...['nix-bin', 'openssh-server', 'openssh-client', 'sudo', 'passwd', 'iproute2', 'nftables', 'procps'],
  ...['ca-certificates', 'libsecret-1-0'],
]
const options = [
  ...['--mode=root', '--variant=minbase', '--format=directory'],
  '--dpkgopt=path-exclude=/usr/share/{doc,man,locale,info}/*',
  // A suite that is still being made may go without a new signature for longer than the last one says it will.
  '--aptopt=Acquire::Check-Valid-Until "false"',
  `--include=${packages.join(',')}`,
]
const edition = createHash('sha256').update(options.join(' ')).digest('hex').slice(0, 12)
const folderOf = (suite) => join(systemCache, `debian-${suite}-${edition}`)

/** The folders with a Debian whose Nix is newer than this machine's; each there, whole, or not there at all. */
export const newerNixFolders = { trixie: folderOf('trixie'), forky: folderOf('forky') }

/** Makes the folders that are not there (half a minute, 250 MB each). Without root or a mirror it says what it costs. */
export function prepareNewerNix() {
  if (process.platform !== 'linux' || process.getuid() !== 0) return
  for (const suite of Object.keys(newerNixFolders)) if (!existsSync(newerNixFolders[suite])) make(suite)
}

function make(suite) {
  console.log(`setup: making a Debian ${suite} with a newer Nix`)
  mkdirSync(systemCache, { recursive: true, mode: 0o755 })
  const work = mkdtempSync(join(systemCache, 'making-'))
  const made = join(work, 'root')
  try {
    runQuietly('mmdebstrap', [...options, suite, made])
    for (const old of readdirSync(systemCache).filter((name) => name.startsWith(`debian-${suite}-`)))
      rmSync(join(systemCache, old), { recursive: true })
    renameSync(made, newerNixFolders[suite])
  } catch (error) {
    console.error(`setup: tests with the Nix of ${suite} will be skipped: ${error.message.slice(-2000)}`)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}
