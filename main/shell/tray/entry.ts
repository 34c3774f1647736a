import type { Navigation } from '../../../contract/api'
import type { Call } from '../../../contract/commands'

export type TrayCommand =
  | 'pause-builder'
  | 'resume-builder'
  | 'test-builder'
  | 'use-substituter'
  | 'collect-garbage'
  | 'set-mode'

/** A command with its input. */
export type TrayCall<N extends TrayCommand = TrayCommand> = Call<N>

/** What a menu entry does, as data: one command a press. `thenShow` is where the window shows what comes of it. */
export type TrayAction =
  | { readonly kind: 'open'; readonly navigation?: Navigation }
  | { readonly kind: 'call'; readonly call: TrayCall; readonly thenShow?: Navigation }
  | { readonly kind: 'quit' }

export type TrayEntry =
  | { readonly kind: 'separator' }
  | { readonly kind: 'text'; readonly label: string }
  | {
      readonly kind: 'action'
      readonly label: string
      readonly action: TrayAction
      readonly enabled: boolean
      /** Set where it is a switch: whether it is on. */
      readonly checked?: boolean
    }
  | {
      readonly kind: 'submenu'
      readonly label: string
      readonly entries: readonly TrayEntry[]
      readonly enabled: boolean
    }

export const separator: TrayEntry = { kind: 'separator' }

/** An entry that shows the window. */
export const open = (label: string, navigation?: Navigation): TrayEntry => ({
  kind: 'action',
  label,
  action: { kind: 'open', ...(navigation ? { navigation } : {}) },
  enabled: true,
})
