import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { nodeMajor, nodePins } from './node-pins.mjs'
import { cacheFolder, systemCache } from './paths.mjs'
import { fetchPackage } from './registry.mjs'

const thisMachine = () => ({
  platform: `${process.platform}-${process.arch}`,
  own: { path: process.execPath, version: process.versions.node },
  caches: [cacheFolder(), systemCache],
})

/**
 * The program that tools, tests, the terminal's command and the helper run on: the pinned Node, fetched and checked
 * when it is not in a cache yet. Where there is none for this machine, the Node that runs this, if that is new
 * enough; else it throws, saying why and what to do.
 *
 * `caches` are looked through in their order; what is fetched goes into the first.
 */
export function pinnedNode({ platform, own, caches } = thisMachine()) {
  const pin = nodePins[platform]
  if (!pin) return ownNode(own, `there is no pinned Node for ${platform}`)
  const programs = caches.map((cache) => join(cache, folderOf(pin, platform), 'bin/node'))
  const found = programs.find((program) => existsSync(program))
  if (found) return found
  try {
    fetchNode(pin, platform, caches[0])
    return programs[0]
  } catch (error) {
    return ownNode(own, error.message)
  }
}

/** Named after the sum too, so that another pin is another folder. */
function folderOf({ version, sha512 }, platform) {
  return `node-${version}-${platform}-${Buffer.from(sha512, 'base64').toString('hex', 0, 6)}`
}

function fetchNode(pin, platform, cache) {
  console.error(`setup: fetching Node ${pin.version} (55 MB)`)
  mkdirSync(cache, { recursive: true, mode: 0o755 })
  const work = mkdtempSync(join(cache, 'fetching-'))
  try {
    fetchPackage(pin, work, ['package/bin/node', 'package/LICENSE'])
    const unpacked = join(work, 'package')
    for (const folder of [unpacked, join(unpacked, 'bin')]) chmodSync(folder, 0o755)
    checkItRuns(join(unpacked, 'bin/node'), pin)
    putInPlace(unpacked, join(cache, folderOf(pin, platform)))
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

function checkItRuns(program, { version }) {
  const { stdout, error } = spawnSync(program, ['--version'], { encoding: 'utf8' })
  if (stdout?.trim() === `v${version}`) return
  const reason = error?.message ?? `it says ${stdout.trim() || 'nothing'}`
  throw new Error(
    `Node ${version} does not run here (${reason}); on Linux it needs glibc 2.28 and libatomic (of Debian’s libatomic1), musl is not enough`,
  )
}

/** Another set-up may have put the same there in the meantime. */
function putInPlace(unpacked, folder) {
  try {
    renameSync(unpacked, folder)
  } catch (error) {
    if (!existsSync(join(folder, 'bin/node'))) throw error
  }
}

function ownNode({ path, version }, reason) {
  if (Number.parseInt(version, 10) >= nodeMajor) {
    console.error(`setup: going on with Node ${version}, as ${reason}`)
    return path
  }
  throw new Error(`The Node that Millwright is pinned to could not be had.
  Why: ${reason}.
  Likely cause: npm cannot reach its registry from here, or this kind of machine has no such package.
  What to do: see that \`npm ping\` works and start it again, or start it with Node ${nodeMajor} or later (this is ${version}).`)
}
