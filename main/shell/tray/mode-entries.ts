import type { ModeName, ModeView } from '../../../contract/mode'
import type { Snapshot } from '../../../contract/snapshot'
import { modeWords } from '../../../core/modes/mode-words'
import { offersModes, toggleMode } from '../../../core/modes/toggle-mode'
import type { TrayEntry } from './entry'

/** The two modes with a check at what Nix really does. Where something else decides, the window says what. */
export function modeEntries({ modes, builders, jobs }: Snapshot): readonly TrayEntry[] {
  const { remoteOnly, localOnly } = modes
  if (!offersModes(builders.length, remoteOnly, localOnly)) return []
  const enabled = !jobs.some(
    ({ kind, state }) => kind === 'mode' && (state === 'running' || state === 'asking'),
  )
  const entry = (mode: ModeName, view: ModeView): TrayEntry => {
    const wanted = toggleMode(view)
    return {
      kind: 'action',
      label: modeWords(mode).title,
      action: wanted
        ? { kind: 'call', call: { name: 'set-mode', input: { mode, ...wanted } } }
        : { kind: 'open', navigation: { to: 'builders' } },
      enabled,
      checked: view.inForce,
    }
  }
  return [entry('remote-only', remoteOnly), entry('local-only', localOnly)]
}
