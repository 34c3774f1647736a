import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { arch, cpus } from 'node:os'
import { resolve } from 'node:path'

/** One way of doing the same thing, measured; every sample counts, the median speaks. */
export interface Cell {
  readonly what: string
  readonly samplesMs: readonly number[]
}

/** The same for what is no time. */
export interface Amount {
  readonly what: string
  readonly samples: readonly number[]
  readonly unit: 'MB' | '%'
}

/** A figure that a bench is judged by. */
export interface Target {
  readonly what: string
  readonly value: number
  readonly unit: 's' | 'ms' | '×' | '' | Amount['unit']
  readonly atMost: number
}

export interface Measured {
  readonly cells: readonly (Cell | Amount)[]
  readonly targets: readonly Target[]
  /** What a reader must know to judge the figures, a sentence each. */
  readonly notes: readonly string[]
}

const resultsFile = resolve(import.meta.dirname, '../../bench-results.json')

/** Puts one bench's results into bench-results.json and leaves those of the others as they are. */
export function saveSection(name: string, section: object): void {
  const all = existsSync(resultsFile) ? JSON.parse(readFileSync(resultsFile, 'utf8')) : {}
  const others = 'bench' in all ? {} : all // A file from when there was but one.
  writeFileSync(resultsFile, `${JSON.stringify({ ...others, [name]: section }, undefined, 2)}\n`)
}

/** Prints what was measured, saves it, and returns whether every target is met. */
export function report(name: string, { cells, targets, notes }: Measured): boolean {
  const judged = targets.map((target) => ({ ...target, met: target.value <= target.atMost }))
  const rows = cells.map(rowOf)
  const met = judged.every((target) => target.met)
  const machine = { cpus: cpus().length, model: cpus()[0]?.model, arch: arch(), node: process.version }
  saveSection(name, { at: new Date().toISOString(), machine, met, targets: judged, cells: rows, notes })
  const width = Math.max(...rows.map(({ what }) => what.length))
  console.log(`\n${name}`)
  for (const row of rows) {
    const [length, middle] =
      'unit' in row
        ? [row.samples.length, `${row.median} ${row.unit}`]
        : [row.samplesMs.length, inSeconds(row.medianMs)]
    const count = length === 1 ? 'one sample' : `median of ${length}`
    console.log(`  ${row.what.padEnd(width)}  ${middle.padStart(8)}  ${count}`)
  }
  for (const { what, value, unit, atMost, met: isMet } of judged) {
    console.log(
      `  ${isMet ? 'met' : 'MISSED'}: ${what}: ${Number(value.toFixed(2))} ${unit}, at most ${atMost} ${unit}`,
    )
  }
  for (const note of notes) console.log(`  ${note}`)
  return met
}

type Row =
  | { readonly what: string; readonly medianMs: number; readonly samplesMs: readonly number[] }
  | (Amount & { readonly median: number })

function rowOf(cell: Cell | Amount): Row {
  const { what } = cell
  if ('samplesMs' in cell) {
    const { samplesMs } = cell
    return { what, medianMs: Math.round(median(samplesMs)), samplesMs: samplesMs.map(Math.round) }
  }
  const samples = cell.samples.map((value) => Number(value.toPrecision(3)))
  return { what, unit: cell.unit, median: median(samples), samples }
}

/** The middle of the samples; of two middles, the mean. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const low = sorted[Math.ceil(middle) - 1] ?? Number.NaN
  const high = sorted[Math.floor(middle)] ?? Number.NaN
  return (low + high) / 2
}

function inSeconds(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(2)} s`
}
