import type { JobView } from '../../../contract/job'
import type { BuilderView } from '../../../contract/snapshot'
import { jobTitle } from '../../../core/jobs/words'
import { canBeOffered, doingWords, pauses } from '../../../core/status/builder-words'
import { open, separator, type TrayCall, type TrayEntry } from './entry'

/** A builder's part of the menu: what it does now, and what can be done with it. */
export function builderMenu(builder: BuilderView, job: JobView | undefined, nowMs: number): TrayEntry {
  const { id, enabled, suspendedSince } = builder
  const idle = job === undefined
  const call = (label: string, command: TrayCall): TrayEntry => ({
    kind: 'action',
    label,
    action: { kind: 'call', call: command },
    enabled: idle,
  })
  // It asks on its way what may go, and only the window can.
  const freeSpace: TrayEntry = {
    kind: 'action',
    label: 'Free space…',
    action: {
      kind: 'call',
      call: { name: 'collect-garbage', input: { id } },
      thenShow: { to: 'builder', id },
    },
    enabled: idle,
  }
  const pause: TrayEntry = {
    kind: 'submenu',
    label: 'Pause',
    enabled: idle,
    entries: pauses.map(({ label, ...duration }) =>
      call(label, { name: 'pause-builder', input: { id, ...duration } }),
    ),
  }
  return {
    kind: 'submenu',
    label: job ? `${jobTitle(job.kind, id)}…` : `${id}: ${doingWords(builder, nowMs)}`,
    enabled: true,
    entries: [
      ...substituter(builder, idle),
      ...(enabled ? [] : [call('Resume', { name: 'resume-builder', input: { id } })]),
      ...(enabled || suspendedSince !== undefined ? [pause] : []),
      call('Send a test build', { name: 'test-builder', input: { id } }),
      freeSpace,
      separator,
      open('Show', { to: 'builder', id }),
    ],
  }
}

/** Before it is offered the window says what that means; afterwards it is a switch. */
function substituter(builder: BuilderView, idle: boolean): readonly TrayEntry[] {
  const { id, substituter } = builder
  if (!canBeOffered(builder)) return []
  if (!substituter.offered) return [open('Use as substituter…', { to: 'builder', id })]
  const { me, everyone } = substituter
  const input = { id, scope: 'wherever' as const, on: !me && !everyone }
  return [
    {
      kind: 'action',
      label: 'Use as substituter',
      action: { kind: 'call', call: { name: 'use-substituter', input } },
      enabled: idle,
      checked: me || everyone,
    },
  ]
}
