import { describe, expect, it } from 'vitest'
import { modesOff } from '../../../contract/mode'
import type { Snapshot } from '../../../contract/snapshot'
import type { TrayEntry } from '../../../main/shell/tray/entry'
import { trayFace } from '../../../main/shell/tray/menu'
import { aBuilder } from '../../fixtures/builder'
import { aJob } from '../../fixtures/job'
import { aSnapshot } from '../../fixtures/snapshot'

const nowMs = Date.parse('2026-03-04T14:00:00')
const in30Min = new Date(nowMs + 1_800_000).toISOString()
const faceOf = (part: Partial<Snapshot> = {}) => trayFace(aSnapshot(part), nowMs)

/** The menu as a person reads it; what cannot be chosen is in brackets. */
function read(entries: readonly TrayEntry[], indent = ''): string {
  return entries
    .map((entry) => {
      if (entry.kind === 'separator') return `${indent}---`
      const check =
        entry.kind === 'action' && entry.checked !== undefined ? (entry.checked ? '✓ ' : '○ ') : ''
      const canBeChosen = entry.kind !== 'text' && entry.enabled
      const line = indent + check + (canBeChosen ? entry.label : `(${entry.label})`)
      return entry.kind === 'submenu' && canBeChosen ? `${line}\n${read(entry.entries, `${indent}  `)}` : line
    })
    .join('\n')
}

function choose(entries: readonly TrayEntry[], label: string): unknown {
  for (const entry of entries) {
    if (entry.kind === 'action' && entry.label === label) return entry.action
    const inner = entry.kind === 'submenu' ? choose(entry.entries, label) : undefined
    if (inner) return inner
  }
  return undefined
}

/** The one command that an entry sends. */
function sent(entries: readonly TrayEntry[], label: string): unknown {
  const action = choose(entries, label) as { call: { name: string; input: object } }
  return [action.call.name, action.call.input]
}

describe('the tray menu', () => {
  it('offers to add a builder when there is none', () => {
    const { icon, tooltip, entries } = faceOf()
    expect(icon).toBe('idle')
    expect(tooltip).toBe('Millwright: No builders yet')
    expect(read(entries)).toBe(`(No builders yet)
---
Add builder…
---
Builds…
Open Millwright
Settings…
Quit`)
  })

  it('has a submenu for each builder with its state in words, and the modes', () => {
    const builders = [
      aBuilder('anna', { substituter: { offered: true, me: true, everyone: false } }),
      aBuilder('otto', { state: 'paused', enabled: false, pausedUntil: in30Min }),
    ]
    const modes = { ...modesOff, remoteOnly: { me: true, everyone: false, inForce: true } }
    expect(read(faceOf({ builders, modes }).entries)).toBe(`(1 of 2 builders ready)
---
anna: ready
  ✓ Use as substituter
  Pause
    For 15 min
    For 1 h
    Until I resume
  Send a test build
  Free space…
  ---
  Show
otto: paused until 14:30
  Use as substituter…
  Resume
  Send a test build
  Free space…
  ---
  Show
---
Add builder…
---
✓ Build only remotely
○ Build only locally
---
Builds…
Open Millwright
Settings…
Quit`)
  })

  it('asks for nothing more of a builder that is busy', () => {
    const face = faceOf({ builders: [aBuilder('anna')], jobs: [aJob({ kind: 'test', builderId: 'anna' })] })
    expect(face.icon).toBe('building')
    expect(face.tooltip).toBe('Millwright: 1 builder ready · 1 build')
    expect(read(face.entries)).toContain('\n  (Pause)\n  (Send a test build)\n  (Free space…)\n  ---\n  Show')
  })

  it('shows a builder on its way in, and leads to the sheet that adds it', () => {
    const job = aJob({ kind: 'add', builderId: 'new', steps: [{ name: 'connect', state: 'running' }] })
    const { entries } = faceOf({ jobs: [job] })
    expect(choose(entries, 'Adding new…')).toEqual({ kind: 'open', navigation: { to: 'add' } })
  })

  it('does what the entry says, to the builder it stands under', () => {
    const builders = [aBuilder('anna'), aBuilder('otto', { enabled: false, state: 'paused' })]
    const { entries } = faceOf({ builders })
    expect(sent(entries, 'For 15 min')).toEqual(['pause-builder', { id: 'anna', forMs: 900_000 }])
    expect(sent(entries, 'For 1 h')).toEqual(['pause-builder', { id: 'anna', forMs: 3_600_000 }])
    expect(sent(entries, 'Until I resume')).toEqual(['pause-builder', { id: 'anna' }])
    expect(sent(entries, 'Resume')).toEqual(['resume-builder', { id: 'otto' }])
    expect(choose(entries, 'Show')).toEqual({ kind: 'open', navigation: { to: 'builder', id: 'anna' } })
    expect(choose(entries, 'Open Millwright')).toEqual({ kind: 'open' })
    expect(choose(entries, 'Quit')).toEqual({ kind: 'quit' })
  })

  it.each([
    ['building 2', { runningBuilds: 2 }],
    ['paused, 2 builds finish first', { state: 'paused', enabled: false, runningBuilds: 2 }],
    ['paused, 1 build finishes first', { state: 'paused', enabled: false, runningBuilds: 1 }],
    ['suspended', { state: 'suspended', enabled: false, suspendedSince: in30Min }],
  ] as const)('says “%s” of a builder', (words, part) => {
    expect(read(faceOf({ builders: [aBuilder('anna', part)] }).entries)).toContain(`anna: ${words}\n`)
  })

  it('lets a suspended builder be tried again or paused for good', () => {
    const builders = [aBuilder('anna', { state: 'suspended', enabled: false, suspendedSince: in30Min })]
    const menu = read(faceOf({ builders }).entries)
    expect(menu).toContain('  Resume\n  Pause\n')
    expect(menu).not.toContain('substituter')
  })

  it('explains in the window what a substituter is before it becomes one', () => {
    const { entries } = faceOf({ builders: [aBuilder('anna')] })
    expect(choose(entries, 'Use as substituter…')).toEqual({
      kind: 'open',
      navigation: { to: 'builder', id: 'anna' },
    })
  })

  it.each([
    [{ me: false, everyone: false }, true],
    [{ me: true, everyone: false }, false],
    [{ me: true, everyone: true }, false],
  ])('switches a substituter that is used by %j', (use, on) => {
    const builders = [aBuilder('anna', { substituter: { offered: true, ...use } })]
    expect(sent(faceOf({ builders }).entries, 'Use as substituter')).toEqual([
      'use-substituter',
      { id: 'anna', scope: 'wherever', on },
    ])
  })

  it.each([
    [{ me: false, everyone: false, inForce: false }, true],
    [{ me: true, everyone: true, inForce: true }, false],
    [{ me: false, everyone: true, inForce: true }, false],
  ])('switches a mode that is %j', (remoteOnly, on) => {
    const { entries } = faceOf({ builders: [aBuilder('anna')], modes: { ...modesOff, remoteOnly } })
    expect(sent(entries, 'Build only remotely')).toEqual([
      'set-mode',
      { mode: 'remote-only', scope: 'wherever', on },
    ])
  })

  it('shows what Nix does, not what was asked, and leads to who decides', () => {
    const overriddenBy = { setting: 'max-jobs', where: '/etc/nix/nix.conf:12' }
    const remoteOnly = { me: true, everyone: false, inForce: false, overriddenBy }
    const { entries } = faceOf({ builders: [aBuilder('anna')], modes: { ...modesOff, remoteOnly } })
    expect(read(entries)).toContain('○ Build only remotely')
    expect(choose(entries, 'Build only remotely')).toEqual({
      kind: 'open',
      navigation: { to: 'builders' },
    })
  })

  it('switches no mode while one is being switched', () => {
    const jobs = [aJob({ kind: 'mode', builderId: 'remote-only', steps: [] })]
    const menu = read(faceOf({ builders: [aBuilder('anna')], jobs }).entries)
    expect(menu).toContain('○ (Build only remotely)\n○ (Build only locally)')
    expect(menu).toContain('Switching the mode for everyone…')
  })

  it('counts the builds that Nix runs there, a proof once', () => {
    const builders = [aBuilder('anna', { runningBuilds: 2 }), aBuilder('otto')]
    const jobs = ['anna', 'otto'].map((builderId) => aJob({ kind: 'test', builderId }))
    const { icon, tooltip } = faceOf({ builders, jobs })
    expect(icon).toBe('building')
    expect(tooltip).toBe('Millwright: All 2 builders ready · 3 builds')
  })

  it.each([
    ['unreachable', { builders: [aBuilder('anna', { state: 'unreachable' })] }],
    ['unreachable', { builders: [aBuilder('anna', { state: 'suspended' })] }],
    ['paused', { builders: [aBuilder('anna', { state: 'paused' })] }],
    ['attention', { builders: [aBuilder('anna'), aBuilder('otto', { state: 'needs-you' })] }],
    ['attention', { builders: [aBuilder('anna', { state: 'disk-low' })] }],
    ['attention', { builders: [aBuilder('anna', { state: 'nix-broken' })] }],
    ['building', { builders: [aBuilder('anna', { state: 'building' })] }],
    ['idle', { builders: [aBuilder('anna', { state: 'slow' })] }],
    ['idle', { builders: [aBuilder('anna'), aBuilder('otto', { state: 'unreachable' })] }],
    ['attention', { jobs: [aJob({ kind: 'add', state: 'asking', steps: [] })] }],
    ['attention', { brokenLines: [{ path: '/etc/nix/machines', line: 1, text: '', message: '' }] }],
    ['idle', { builders: [aBuilder('anna')] }],
  ] as const)('wears the icon %s', (icon, part) => {
    expect(faceOf(part).icon).toBe(icon)
  })

  it('leads to the builds, with their number beside the icon where there is place for it', () => {
    const face = faceOf({ builders: [aBuilder('anna', { runningBuilds: 4 })] })
    expect(face.title).toBe('4')
    expect(choose(face.entries, '4 builds…')).toEqual({ kind: 'open', navigation: { to: 'builds' } })
    expect(faceOf({ builders: [aBuilder('anna')] }).title).toBe('')
  })

  it('frees space on a builder, and shows its page, which asks what may go', () => {
    expect(choose(faceOf({ builders: [aBuilder('anna')] }).entries, 'Free space…')).toEqual({
      kind: 'call',
      call: { name: 'collect-garbage', input: { id: 'anna' } },
      thenShow: { to: 'builder', id: 'anna' },
    })
  })

  it('says in the tooltip what is wrong, and since when', () => {
    const since = new Date(nowMs - 12 * 60_000).toISOString()
    const lost = aBuilder('anna', {
      id: 'otto',
      state: 'unreachable',
      health: { state: 'unreachable', since, trend: [] },
    })
    const { tooltip } = faceOf({ builders: [aBuilder('anna'), lost] })
    expect(tooltip).toBe('Millwright: 1 of 2 builders ready\notto: unreachable for 12 min')
  })

  it('lists of 500 builders those that need attention or build first, and leads to the rest', () => {
    const builders = [...Array(500).keys()].map((n) =>
      aBuilder('anna', { id: `b${n}`, state: n === 400 ? 'disk-low' : n === 450 ? 'unreachable' : 'ready' }),
    )
    const busy = builders.map((one) => (one.id === 'b499' ? { ...one, runningBuilds: 1 } : one))
    const { entries, tooltip } = faceOf({ builders: busy })
    const submenus = entries.flatMap((entry) => (entry.kind === 'submenu' ? [entry.label] : []))
    expect(submenus).toHaveLength(30)
    expect(submenus.slice(0, 4)).toEqual([
      'b400: disk low',
      'b499: building 1',
      'b450: unreachable',
      'b0: ready',
    ])
    expect(choose(entries, 'and 470 more…')).toEqual({ kind: 'open', navigation: { to: 'builders' } })
    expect(tooltip).toBe('Millwright: 498 of 500 builders ready · 1 build\nb400: disk low, and 1 more')
  })
})

describe('builders of others', () => {
  it('are named in the tray as not managed, with how they answer; those that are ours by another line are not', () => {
    const where = '/etc/nix/machines:1'
    const { entries } = faceOf({
      unmanaged: [
        { name: 'legacy', where, answer: { at: '2026-01-01T00:00:00Z', latencyMs: 14 } },
        { name: 'anna', where, builder: 'anna' },
      ],
    })
    const labels = entries.flatMap((entry) => ('label' in entry ? [entry.label] : []))
    expect(labels).toContain('legacy: not managed, answers in 14 ms')
    expect(labels.filter((label) => label.includes('not managed'))).toHaveLength(1)
  })
})
