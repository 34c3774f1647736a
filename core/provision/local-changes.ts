import type { PlanChange } from '../../contract/remote'

/** What is there already on this computer. */
export interface LocalBefore {
  readonly initialised: boolean
  readonly areKeysNew: boolean
  /** The store is the person’s own: nothing is root’s, and nothing has to restart. */
  readonly isMine?: boolean
  /** A rebuild makes `/etc/nix`: our lines go into root's own files, which it leaves alone. */
  readonly declarative?: 'nixos' | 'nix-darwin'
  /** It has put our lines into its own. */
  readonly isDeclared?: boolean
}

const withLast = 'Removing the last builder'

/** The half of the plan that happens on this computer, in the order in which it is done. */
export function localChanges(
  id: string,
  { initialised, areKeysNew, isMine = false, declarative, isDeclared = false }: LocalBefore,
): PlanChange[] {
  const change = (what: string, target: string, undo: string): PlanChange => ({
    where: 'local',
    what,
    target,
    undo,
  })
  const own = [
    change(
      'Add one line to your own nix.conf, so that Nix reads Millwright’s list of builders besides your own.',
      '~/.config/nix/nix.conf',
      `${withLast} takes it out again.`,
    ),
    change(
      'Add one line at the top of your SSH configuration, so that Nix finds its builders.',
      '~/.ssh/config',
      `${withLast} takes it out again.`,
    ),
  ]
  const restart = change(
    'Restart the Nix daemon once, if nothing builds; it reads nix.conf only when it starts.',
    'nix-daemon',
    'Nothing to undo.',
  )
  const setUp = [
    change(
      declarative
        ? 'Add one line at the end of root’s own nix.conf, which the Nix daemon reads too and no rebuild changes, so that Nix reads Millwright’s list of builders besides your own.'
        : 'Add one line at the end of nix.conf, so that Nix reads Millwright’s list of builders besides your own.',
      declarative ? '~root/.config/nix/nix.conf' : '/etc/nix/nix.conf',
      `${withLast} takes it out again.`,
    ),
    change(
      'Add one line at the top of root’s SSH configuration, so that the Nix daemon finds its builders.',
      '~root/.ssh/config',
      `${withLast} takes it out again.`,
    ),
    restart,
  ]
  const steps = isMine ? own : isDeclared ? [restart] : setUp
  return [
    ...(areKeysNew
      ? [
          change(
            'Keep two keys of your own, one for watching builders and one for freeing space there; neither can build.',
            'your keychain',
            `${withLast} deletes them.`,
          ),
        ]
      : []),
    ...(initialised ? [] : steps),
    change(
      `Make a key for ${isMine ? 'Nix that only you can read' : 'the Nix daemon that only root can read'}, and enter ${id}, switched off until it is proven.`,
      isMine ? '~/.config/nix/millwright' : declarative ? '/var/lib/millwright' : '/etc/nix/millwright',
      `Removing ${id} deletes both.`,
    ),
  ]
}
