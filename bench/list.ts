import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'vite'
import { runtimeFolder } from '../test/e2e/stage'
import { projectOnHost } from '../test/world/fleet/on-host'
import { openDesk } from './support/desk'
import { type Measured, median } from './support/section'

const builders = 500
const folder = '/opt/list-app'

interface Update {
  readonly tasks: number
  readonly scripts: number
  readonly styles: number
  readonly layout: number
}

/** What the window's main thread does when a new sample of each of 500 builders comes, the list being in sight. */
export async function measureList(rounds: number): Promise<Measured> {
  await using desk = await openDesk(0)
  const { client, desktop } = desk.stage
  await client.writeFile(`${folder}/package.json`, '{"name":"list-app","main":"main.cjs"}\n')
  await client.writeFile(`${folder}/main.cjs`, await bundle())
  await client.must(['ln', '-s', `${projectOnHost}/out`, `${projectOnHost}/assets`, folder])
  const updates = Math.max(30, 10 * rounds)
  const argv = [`${runtimeFolder}/electron`, folder, String(builders), String(updates)]
  const { code, stdout, stderr } = await desktop.exec(argv, { timeoutMs: 300_000 })
  if (code !== 0) throw new Error(stdout || stderr)
  const { rows, samples } = JSON.parse(stdout) as { rows: number; samples: readonly Update[] }
  const tasks = samples.map((update) => update.tasks)
  const of = (part: keyof Update) => samples.map((update) => update[part])
  return {
    cells: [
      { what: 'all tasks of the main thread', samplesMs: tasks },
      { what: 'of that, scripts', samplesMs: of('scripts') },
      { what: 'of that, styles', samplesMs: of('styles') },
      { what: 'of that, layout', samplesMs: of('layout') },
    ],
    targets: [{ what: 'one update', value: median(tasks), unit: 'ms', atMost: 16 }],
    notes: [
      `${builders} builders, of which ${rows} rows exist; the worst of ${tasks.length} updates took ${Math.max(...tasks).toFixed(1)} ms.`,
      'By the page’s own Performance.getMetrics, from before the update until 0.4 s after it.',
    ],
  }
}

/** The app that shows the list, as one file. */
async function bundle(): Promise<string> {
  const outDir = mkdtempSync(join(tmpdir(), 'list-app-'))
  try {
    await build({
      configFile: false,
      logLevel: 'error',
      ssr: { noExternal: true, external: ['electron'] },
      build: {
        outDir,
        ssr: join(import.meta.dirname, 'on-host/list-app.ts'),
        target: 'node18',
        rolldownOptions: { output: { format: 'cjs', entryFileNames: 'main.cjs', codeSplitting: false } },
      },
    })
    return readFileSync(join(outDir, 'main.cjs'), 'utf8')
  } finally {
    rmSync(outDir, { recursive: true })
  }
}
