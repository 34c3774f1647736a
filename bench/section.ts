import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { arch, cpus } from 'node:os'
import { resolve } from 'node:path'

/** One way of doing the same thing, measured; every sample counts, the median speaks. */
export interface Cell {
  readonly what: string
  readonly samplesMs: readonly number[]
}

/** A figure that a bench is judged by. */
export interface Target {
  readonly what: string
  readonly value: number
  readonly unit: 's' | 'ms' | '×' | '%' | 'MB' | ''
  readonly atMost: number
}

export interface Measured {
  readonly cells: readonly Cell[]
  readonly targets: readonly Target[]
  /** What a reader must know to judge the figures, a sentence each. */
  readonly notes: readonly string[]
}

const resultsFile = resolve(import.meta.dirname, '../bench-results.json')

/** Puts one bench's results into bench-results.json and leaves those of the others as they are. */
export function saveSection(name: string, section: object): void {
  const all = existsSync(resultsFile) ? JSON.parse(readFileSync(resultsFile, 'utf8')) : {}
  const others = 'bench' in all ? {} : all // A file from when there was but one.
  writeFileSync(resultsFile, `${JSON.stringify({ ...others, [name]: section }, undefined, 2)}\n`)
}

/** Prints what was measured, saves it, and answers whether every target is met. */
export function report(name: string, { cells, targets, notes }: Measured): boolean {
  const judged = targets.map((target) => ({ ...target, met: target.value <= target.atMost }))
  const rows = cells.map(({ what, samplesMs }) => ({
    what,
    medianMs: Math.round(median(samplesMs)),
    samplesMs: samplesMs.map(Math.round),
  }))
  const met = judged.every((target) => target.met)
  const machine = { cpus: cpus().length, model: cpus()[0]?.model, arch: arch(), node: process.version }
  saveSection(name, { at: new Date().toISOString(), machine, met, targets: judged, cells: rows, notes })
  const width = Math.max(...rows.map(({ what }) => what.length))
  console.log(`\n${name}`)
  for (const { what, medianMs, samplesMs } of rows) {
    const count = samplesMs.length === 1 ? 'one sample' : `median of ${samplesMs.length}`
    console.log(`  ${what.padEnd(width)}  ${inSeconds(medianMs).padStart(8)}  ${count}`)
  }
  for (const { what, value, unit, atMost, met: isMet } of judged) {
    console.log(
      `  ${isMet ? 'met' : 'MISSED'}: ${what}: ${Number(value.toFixed(2))} ${unit}, at most ${atMost} ${unit}`,
    )
  }
  for (const note of notes) console.log(`  ${note}`)
  return met
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
