/**
 * Runs the end-to-end tests: `npm run test:e2e -- [--docs] [VITEST ARGUMENTS]`. With `--docs` the pictures of a good
 * run become those of the documentation.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { onStage, projectRoot } from './set-stage'
import { letRootOntoBus, picturesFolder } from './stage'

/** What the documentation shows; the run takes more pictures than that. */
const documented =
  /^(empty|add|question-host-key|question-plan|proof|builders|builder|substituter|remote-only|computer|remove|builds|watching|free-space|settings)-|^tray-menu/

const words = process.argv.slice(2)
const vitest = join(projectRoot, 'node_modules/vitest/vitest.mjs')
const argv = [vitest, 'run', '--project', 'e2e', ...words.filter((word) => word !== '--docs')]
process.exitCode = process.getuid?.() === 0 ? await runOnStage() : runWithoutStage()
if (process.exitCode === 0 && words.includes('--docs')) copyPictures()

async function runOnStage(): Promise<number> {
  return await onStage(argv, {
    others: { otto: 'builder', anna: 'builder' },
    prepare: (fleet) => letRootOntoBus(fleet.host('client')),
  })
}

/** Every test is skipped by name then. */
function runWithoutStage(): number {
  console.log('The end-to-end tests need root for their hosts. With it, run: npm run test:e2e')
  return spawnSync(process.execPath, argv, { stdio: 'inherit', cwd: projectRoot }).status ?? 1
}

/** Into the folder that README and docs/ show. */
function copyPictures(): void {
  for (const file of readdirSync(picturesFolder).filter((name) => documented.test(name))) {
    cpSync(join(picturesFolder, file), join(projectRoot, 'docs/screenshots', file))
  }
}
