import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Fetches one package with npm, from whichever registry it is set up for, and unpacks `entries` of it into `folder`,
 * below `package/`. Throws with npm's error code when it cannot be had, and when it is not the file that `sha512`
 * (base64) was made of.
 */
export function fetchPackage({ name, version, sha512 }, folder, entries) {
  const options = { cwd: folder, encoding: 'utf8' }
  const packed = spawnSync('npm', ['pack', '--loglevel=error', `${name}@${version}`], options)
  if (packed.error) throw new Error(`npm could not be started: ${packed.error.message}`)
  if (packed.status !== 0)
    throw new Error(`npm pack ${name}@${version} failed: ${errorCode(packed.stderr) ?? packed.status}`)
  const archive = packed.stdout.trim().split('\n').at(-1)
  const sum = createHash('sha512')
    .update(readFileSync(join(folder, archive)))
    .digest('base64')
  if (sum !== sha512) throw new Error(`${name}@${version} is not the file it was: its sha512 is ${sum}`)
  const { status, stderr } = spawnSync('tar', ['-xzf', archive, '--no-same-owner', ...entries], options)
  if (status !== 0) throw new Error(`${archive} could not be unpacked: ${stderr}`)
  rmSync(join(folder, archive))
}

/** The word that npm puts first: ENOTFOUND, E404, … */
function errorCode(stderr) {
  return stderr.match(/^npm (?:error|ERR!) code (\S+)/m)?.[1]
}
