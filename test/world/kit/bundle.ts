import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from 'vite'
import { projectOnHost } from '../fleet/on-host'

const root = resolve(import.meta.dirname, '../../..')
const bundled = new Map<string, Promise<string>>()

/** Where a host sees what a bundle leaves outside: modules with parts of C. */
export const modulesOnHost = `${projectOnHost}/node_modules`

/**
 * One text of CommonJS with all that a script of this project needs, to be run by Node on a host. `instead` has
 * modules of the project replaced by others, by the end of their paths.
 */
export function bundle(script: string, instead: Readonly<Record<string, string>> = {}): Promise<string> {
  const key = JSON.stringify([script, instead])
  const known = bundled.get(key) ?? make(script, instead)
  bundled.set(key, known)
  return known
}

async function make(script: string, instead: Readonly<Record<string, string>>): Promise<string> {
  const outDir = mkdtempSync(join(tmpdir(), 'millwright-bundle-'))
  try {
    await build({
      configFile: false,
      logLevel: 'error',
      publicDir: false,
      // ssh2 does without the last two.
      ssr: { noExternal: true, external: ['keytar', 'cpu-features', 'x11'] },
      resolve: {
        alias: Object.entries(instead).map(([end, path]) => ({
          find: new RegExp(`^.*/${end}$`),
          replacement: join(root, path),
        })),
      },
      build: {
        outDir,
        ssr: join(root, script),
        target: 'node20',
        rolldownOptions: {
          external: [...builtinModules, /^node:/, /\.node$/],
          output: { format: 'cjs', entryFileNames: 'script.cjs', codeSplitting: false },
        },
      },
    })
    return readFileSync(join(outDir, 'script.cjs'), 'utf8')
  } finally {
    rmSync(outDir, { recursive: true })
  }
}
