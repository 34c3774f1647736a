import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'vite'

/** One text of CommonJS with all that a script of this folder needs, to be run by Node on a host. */
export async function bundle(script: string): Promise<string> {
  const outDir = mkdtempSync(join(tmpdir(), 'millwright-bench-'))
  try {
    await build({
      configFile: false,
      logLevel: 'error',
      publicDir: false,
      // ssh2 does without the last two.
      ssr: { noExternal: true, external: ['keytar', 'cpu-features', 'x11'] },
      build: {
        outDir,
        ssr: join(import.meta.dirname, script),
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
