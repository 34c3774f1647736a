import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Sample } from '../../../contract/health'
import { healthStates } from '../../../contract/health'
import { modesOff } from '../../../contract/mode'
import { type BuilderView, builderStates } from '../../../contract/snapshot'
import { prometheusText } from '../../../core/status/prometheus'
import { aBuilder } from '../../fixtures/builder'
import { aHealth, aSample } from '../../fixtures/health'

interface Line {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** Reads the format strictly, by its page: one TYPE before the lines of a metric, which stand together. */
function parse(text: string): Line[] {
  const seen = new Set<string>()
  const lines: Line[] = []
  let typed = ''
  expect(text === '' || text.endsWith('\n')).toBe(true)
  for (const line of text.split('\n').slice(0, -1)) {
    const [, kind, about = ''] = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) .+$/.exec(line) ?? []
    if (kind === 'HELP') expect(seen.has(about)).toBe(false)
    if (kind === 'TYPE') {
      expect(line).toMatch(/ gauge$/)
      typed = about
      seen.add(about)
    }
    if (kind) continue
    const [, name = '', labels = '', value = ''] =
      /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\[\\"n])*",?)*)\})? (\S+)$/.exec(
        line,
      ) ?? []
    expect({ line, name }).toEqual({ line, name: typed })
    expect(Number.isFinite(Number(value))).toBe(true)
    lines.push({ name, labels: parseLabels(labels), value: Number(value) })
  }
  return lines
}

function parseLabels(text: string) {
  const plain: Record<string, string> = { '\\\\': '\\', '\\"': '"', '\\n': '\n' }
  return Object.fromEntries(
    [...text.matchAll(/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\[\\"n])*)"/g)].map(
      ([, name = '', value = '']) => [name, value.replace(/\\[\\"n]/g, (escaped) => plain[escaped] ?? '')],
    ),
  )
}

const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, -0, 1e-9, 1e21, 2 ** 53))
const optional = fc.option(number, { nil: undefined })
const samples: fc.Arbitrary<Sample> = fc
  .record({
    atMs: number,
    latencyMs: number,
    load1: number,
    cpus: number,
    memoryBytes: number,
    memoryFreeBytes: number,
    storeBytes: optional,
    storeFreeBytes: optional,
    buildFreeBytes: optional,
    uptimeSeconds: optional,
    clockOffsetMs: optional,
    cpuPressure: optional,
    memoryPressure: optional,
    builds: optional,
  })
  .map((values) => ({
    ...(Object.fromEntries(
      Object.entries(values).filter(([, value]) => value !== undefined),
    ) as typeof values),
    buildNames: [],
  })) as fc.Arbitrary<Sample>
const names = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('anna', 'a"b', 'a\\', 'a\nb', '\\n', '"'),
)
const builders: fc.Arbitrary<BuilderView> = fc
  .record({
    id: names,
    state: fc.constantFrom(...builderStates),
    health: fc.option(fc.record({ state: fc.constantFrom(...healthStates), sample: samples }), {
      nil: undefined,
    }),
  })
  .map(({ id, state, health }) => aBuilder(id, { state, ...(health ? { health: aHealth(health) } : {}) }))
const fleets = fc.uniqueArray(builders, { selector: ({ id }) => id, maxLength: 5 }).map((list) => ({
  builders: list,
  builds: { feed: 'locks' as const, running: [], finished: [] },
  modes: modesOff,
}))

const promtool = spawnSync('promtool', ['--version']).status === 0

describe('the metrics', () => {
  it('are read back by the rules of the format, each once, whatever a builder is called', () => {
    fc.assert(
      fc.property(fleets, (fleet) => {
        const lines = parse(prometheusText(fleet))
        const keys = lines.map(({ name, labels }) => JSON.stringify([name, labels]))
        expect(new Set(keys).size).toBe(keys.length)
        const named = new Set(lines.flatMap(({ labels }) => labels.builder ?? []))
        expect(named).toEqual(new Set(fleet.builders.map(({ id }) => id)))
      }),
    )
  })

  it('say of each builder exactly one state', () => {
    fc.assert(
      fc.property(fleets, (fleet) => {
        const lines = parse(prometheusText(fleet)).filter(({ name }) => name === 'millwright_builder_state')
        for (const { id, state } of fleet.builders) {
          const on = lines.filter(({ labels, value }) => labels.builder === id && value === 1)
          expect(on.map(({ labels }) => labels.state)).toEqual([state])
        }
      }),
    )
  })

  it('hold what a builder says, in base units, and nothing that it does not say', () => {
    const known = {
      ...{ latencyMs: 12.5, load1: 0.2, cpus: 8, cpuPressure: 25, clockOffsetMs: -1500, builds: 2 },
      ...{ memoryBytes: 16e9, memoryFreeBytes: 8e9, storeBytes: 100e9, storeFreeBytes: 60e9 },
    }
    const { uptimeSeconds: _, buildFreeBytes: __, ...sample } = aSample(known)
    const handshakeAt = '2026-01-01T00:00:00.000Z'
    const { proof: ___, ...builder } = aBuilder('anna', { runningBuilds: 3 })
    const anna = { ...builder, health: aHealth({ sample, handshakeAt }) }
    const lines = parse(
      prometheusText({
        builders: [anna, aBuilder('otto', { state: 'paused', enabled: false })],
        builds: { feed: 'none', running: [], finished: [] },
        modes: { ...modesOff, remoteOnly: { me: true, everyone: false, inForce: true } },
      }),
    )
    const valuesOf = (builder: string) =>
      Object.fromEntries(
        lines
          .filter(({ name, labels }) => labels.builder === builder && name !== 'millwright_builder_state')
          .map(({ name, value }) => [name.replace('millwright_builder_', ''), value]),
      )
    expect(valuesOf('anna')).toEqual({
      up: 1,
      enabled: 1,
      latency_seconds: 0.0125,
      load1: 0.2,
      cpus: 8,
      cpu_pressure_ratio: 0.25,
      memory_bytes: 16e9,
      memory_free_bytes: 8e9,
      store_bytes: 100e9,
      store_free_bytes: 60e9,
      clock_offset_seconds: -1.5,
      running_builds: 2,
      slots: 8,
      slots_used: 3,
      last_handshake_timestamp_seconds: Date.parse('2026-01-01T00:00:00Z') / 1000,
    })
    expect(valuesOf('otto')).toMatchObject({ enabled: 0, slots: 8 })
    expect(valuesOf('otto')).not.toHaveProperty('up')
    expect(lines).toContainEqual({ name: 'millwright_remote_only', labels: {}, value: 1 })
    expect(lines.map(({ name }) => name)).not.toContain('millwright_running_builds')
  })

  it('say that one is down which does not answer, and nothing of one that nobody could ask', () => {
    const lost = aHealth({ state: 'unreachable', failure: { code: 'TIMED_OUT', facts: {} } })
    const unasked = aHealth({ state: 'needs-you', failure: { code: 'NOT_WATCHED', facts: {} } })
    const lines = parse(
      prometheusText({
        builders: [
          aBuilder('anna', { state: 'unreachable', health: lost }),
          aBuilder('otto', { state: 'needs-you', health: unasked }),
        ],
        builds: { feed: 'locks', running: [], finished: [] },
        modes: modesOff,
      }),
    )
    const up = lines.filter(({ name }) => name === 'millwright_builder_up')
    expect(up).toEqual([{ name: 'millwright_builder_up', labels: { builder: 'anna' }, value: 0 }])
  })

  it.skipIf(!promtool)('are taken by promtool, without a complaint (needs promtool)', () => {
    for (const fleet of fc.sample(fleets, { numRuns: 20, seed: 1 })) {
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
        input: prometheusText(fleet),
      })
      expect({ status, said: `${stdout}${stderr}` }).toEqual({ status: 0, said: '' })
    }
  })
})
