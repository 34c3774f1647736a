import { spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs'
import { join } from 'node:path'
import { imageFolder, imageLayers, imagePlans, scripts } from './image-list.mjs'
import { systemCache } from './paths.mjs'

const dayMs = 24 * 60 * 60 * 1000
/** Images that no set-up has asked for in this time go; another working copy may want other editions. */
const keptForMs = 30 * dayMs

/** Two at a time; within a lane each may stand on one before it. */
const lanes = [
  ['bookworm', 'desktop', 'sysv', 'busybox', 'chroot'],
  ['trixie', 'forky'],
]
const benchLane = ['python', 'ansible']

/**
 * Makes the images of hosts that are not there; each whole or not at all. Says what cannot be made, and why.
 * `forBench`: those that only `npm run bench` needs, too.
 */
export async function prepareImages({ forBench }) {
  if (process.platform !== 'linux' || process.getuid() !== 0) return
  mkdirSync(systemCache, { recursive: true, mode: 0o755 })
  await Promise.all(lanes.map(prepareLane))
  if (forBench) await prepareLane(benchLane)
  sweepCache()
}

async function prepareLane(names) {
  for (const name of names) {
    try {
      if (!existsSync(imageFolder(name))) await make(name)
      const now = new Date()
      utimesSync(imageFolder(name), now, now)
    } catch (error) {
      console.error(`setup: tests on hosts of the image ${name} will be skipped: ${error.message}`)
    }
  }
}

async function make(name) {
  const startedMs = Date.now()
  console.log(`setup: making the image ${name} for hosts`)
  const work = mkdtempSync(join(systemCache, 'making-'))
  try {
    const { suite, on, packages } = imagePlans[name]
    const made = join(work, 'image')
    mkdirSync(made, { mode: 0o755 })
    const root = join(made, 'root')
    if (on) await script(scripts.layer, [root, imageLayers(on).join(':'), ...packages])
    else await script(scripts.release, [root, suite, ...packages])
    keep(made, imageFolder(name))
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  console.log(`setup: the image ${name} is made, in ${Math.round((Date.now() - startedMs) / 1000)} s`)
}

/** Another set-up may have made the same meanwhile. */
function keep(made, folder) {
  try {
    renameSync(made, folder)
  } catch (error) {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
  }
}

/** Runs a script in a mount namespace of its own, so that nothing stays mounted; throws with its last words. */
function script(file, args) {
  const child = spawn('unshare', ['-m', 'bash', file, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      said = (said + text).slice(-2000)
    })
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(said.trim()))))
  })
}

/** Removes what nobody wants any more, and what a set-up left that was ended halfway. */
function sweepCache() {
  const age = (path) => Date.now() - statSync(path).mtimeMs
  for (const name of readdirSync(systemCache)) {
    const path = join(systemCache, name)
    const isOld = /^(image|debian)-/.test(name)
      ? age(path) > keptForMs
      : /^making-/.test(name) && age(path) > dayMs
    if (isOld) rmSync(path, { recursive: true, force: true })
  }
}
