import { describe, expect, it } from 'vitest'
import { type TrayEntry, trayFace } from '../../main/shell/tray-menu'
import { builderWith, jobWith, snapshotWith } from './snapshots'

/** The menu as a person reads it; what cannot be chosen is in brackets. */
function read(entries: readonly TrayEntry[], indent = ''): string {
  return entries
    .map((entry) => {
      if (entry.kind === 'separator') return `${indent}---`
      if (entry.kind === 'submenu') return `${indent}${entry.label}\n${read(entry.entries, `${indent}  `)}`
      const canBeChosen = entry.kind === 'action' && entry.enabled
      return indent + (canBeChosen ? entry.label : `(${entry.label})`)
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

describe('the tray menu', () => {
  it('offers to add a builder when there is none', () => {
    const { icon, tooltip, entries } = trayFace(snapshotWith())
    expect(icon).toBe('idle')
    expect(tooltip).toBe('Millwright: No builders yet')
    expect(read(entries)).toBe(`(No builders yet)
---
Add builder…
---
Open Millwright
Quit`)
  })

  it('has a submenu for each builder with its state in words', () => {
    const builders = [builderWith(), builderWith({ id: 'otto', state: 'paused', enabled: false })]
    expect(read(trayFace(snapshotWith({ builders })).entries)).toBe(`(1 of 2 builders ready)
---
anna: ready
  Pause
  Send a test build
  ---
  Show
otto: paused
  Resume
  Send a test build
  ---
  Show
---
Add builder…
---
Open Millwright
Quit`)
  })

  it('asks for nothing more of a builder that is busy', () => {
    const face = trayFace(snapshotWith({ builders: [builderWith()], jobs: [jobWith()] }))
    expect(face.icon).toBe('building')
    expect(face.tooltip).toBe('Millwright: 1 builder ready · 1 build')
    expect(read(face.entries)).toContain('Testing anna…\n  (Pause)\n  (Send a test build)\n  ---\n  Show')
  })

  it('shows a builder on its way in, and leads to the sheet that adds it', () => {
    const job = jobWith({ kind: 'add', builderId: 'new', steps: [{ name: 'connect', state: 'running' }] })
    const { entries } = trayFace(snapshotWith({ jobs: [job] }))
    expect(choose(entries, 'Adding new…')).toEqual({ kind: 'open', navigation: { to: 'add' } })
  })

  it('does what the entry says, to the builder it stands under', () => {
    const builders = [builderWith(), builderWith({ id: 'otto', enabled: false, state: 'paused' })]
    const { entries } = trayFace(snapshotWith({ builders }))
    expect(choose(entries, 'Pause')).toEqual({ kind: 'call', name: 'pause-builder', id: 'anna' })
    expect(choose(entries, 'Resume')).toEqual({ kind: 'call', name: 'resume-builder', id: 'otto' })
    expect(choose(entries, 'Show')).toEqual({ kind: 'open', navigation: { to: 'builder', id: 'anna' } })
    expect(choose(entries, 'Open Millwright')).toEqual({ kind: 'open' })
    expect(choose(entries, 'Quit')).toEqual({ kind: 'quit' })
  })

  it.each([
    ['unreachable', { builders: [builderWith({ state: 'unreachable' })] }],
    ['paused', { builders: [builderWith({ state: 'paused' })] }],
    ['attention', { builders: [builderWith(), builderWith({ id: 'otto', state: 'needs-you' })] }],
    ['attention', { jobs: [jobWith({ kind: 'add', state: 'asking', steps: [] })] }],
    ['attention', { brokenLines: [{ path: '/etc/nix/machines', line: 1, text: '', message: '' }] }],
    ['idle', { builders: [builderWith()] }],
  ] as const)('wears the icon %s', (icon, part) => {
    expect(trayFace(snapshotWith(part)).icon).toBe(icon)
  })
})
