import { arch, cpus } from 'node:os'
import { answersFor, type LoginKind, loginUsers, measureAdd, type Samples, versionsOnHosts } from '../add'
import { median, saveSection } from './section'
import { type WayName, wayNames } from './ways'

/** Millwright's time over the other's, at most; and how often a person may be asked. */
const targets = { ansible: 0.3, script: 0.8, answers: 3 } as const

/** Measures, prints the table and writes its section of bench-results.json. Returns whether the targets are met. */
export async function runAdd(rounds: number): Promise<boolean> {
  const samples = await measureAdd(rounds, console.error)
  const kinds = Object.keys(loginUsers) as LoginKind[]
  const rows = await Promise.all(
    kinds.map(async (kind) => ({ ...rowOf(kind, samples), questions: await answersFor(kind) })),
  )
  const met = rows.every(
    ({ ratios, questions }) =>
      ratios.ansible <= targets.ansible &&
      ratios.script <= targets.script &&
      questions.length <= targets.answers,
  )
  const results = {
    at: new Date().toISOString(),
    machine: await machine(),
    rounds,
    targets,
    met,
    rows,
  }
  saveSection('add', results)
  printTable(rows)
  console.log(
    `\nMedians of ${rounds} rounds, interleaved, each on two machines nobody had touched. Targets: at most` +
      ` ${targets.ansible} × Ansible, ${targets.script} × the script, ${targets.answers} answers:` +
      ` ${met ? 'met' : 'MISSED'}. All samples: bench-results.json`,
  )
  return met
}

type Row = Awaited<ReturnType<typeof rowOf>> & { readonly questions: readonly string[] }

function rowOf(kind: LoginKind, samples: Samples) {
  const of = (way: WayName) => samples[kind][way].map(({ durationMs }) => Math.round(durationMs))
  const all = Object.fromEntries(wayNames.map((way) => [way, of(way)])) as Record<WayName, number[]>
  const mediansMs = Object.fromEntries(wayNames.map((way) => [way, median(all[way])])) as Record<
    WayName,
    number
  >
  const ratio = (way: WayName) => Number((mediansMs.millwright / mediansMs[way]).toFixed(3))
  const { millwright } = samples[kind]
  const stepNames = Object.keys(millwright[0]?.steps ?? {})
  const stepMediansMs = Object.fromEntries(
    stepNames.map((step) => [step, median(millwright.map(({ steps }) => steps[step] ?? 0))]),
  )
  return {
    login: kind,
    mediansMs,
    ratios: { ansible: ratio('ansible'), script: ratio('script') },
    stepMediansMs,
    samplesMs: all,
  }
}

function printTable(rows: readonly Row[]): void {
  const head = ['add', 'Millwright', 'Ansible', 'script', '× Ansible', '× script', 'answers']
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`
  const body = rows.map(({ login, mediansMs, ratios, questions }) => [
    login,
    ...wayNames.map((way) => seconds(mediansMs[way])),
    ratios.ansible.toFixed(2),
    ratios.script.toFixed(2),
    String(questions.length),
  ])
  const widths = head.map((_, column) => Math.max(...[head, ...body].map((row) => row[column]?.length ?? 0)))
  console.log('')
  for (const row of [head, ...body]) {
    console.log(
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    )
  }
  for (const { login, stepMediansMs } of rows) {
    const steps = Object.entries(stepMediansMs).map(([step, ms]) => `${step} ${Math.round(ms)}`)
    console.log(`Millwright's steps, ms, ${login}: ${steps.join(', ')}`)
  }
}

async function machine() {
  return {
    cpus: cpus().length,
    model: cpus()[0]?.model,
    arch: arch(),
    node: process.version,
    ...(await versionsOnHosts()),
  }
}
