import type { Call, JobCommand, JobKind } from '../../contract/commands'

/** What a step does, and did, in a few words. */
interface StepWords {
  readonly todo: string
  readonly done: string
}

/** All that is said of one kind of job, and where. */
export interface JobRow {
  /** Its steps in their order. */
  readonly steps: Readonly<Record<string, StepWords>>
  /** `Adding`, where the builder's name stands beside it. */
  readonly doing: string
  /** `Freeing space on otto`; absent: `doing` and what it is about, which is a builder's id unless told otherwise. */
  readonly title?: (about: string) => string
  /** `otto is a builder now`, once it is; absent: the title. */
  readonly done?: (about: string) => string
  /**
   * When the window shows it as a sheet; absent: in the builder's row. Every job that asks, or that left something
   * behind, is a sheet. `at-end`: in its row while it works, and what it did is told when it is done.
   */
  readonly sheet?: 'always' | 'at-work' | 'at-end'
  /** The step of a sheet at work that is shown in the row again, as nobody has to watch it. */
  readonly unwatched?: string
  /** What *Try again* sends, where the builder's id is all it takes. */
  readonly retry?: (id: string) => Call<JobCommand>
  /** What cancelling means before anything has changed, and after. */
  readonly undo?: { readonly unchanged: string; readonly changed: string }
  /** Done well, it settles what earlier tries at the same builder left behind; `own`: those of its own kind. */
  readonly settles?: boolean | 'own'
}

const connect = { todo: 'Connect', done: 'Connected' }
const plan = { todo: 'Make a plan', done: 'Made a plan' }
const prove = { todo: 'Prove it with a real build', done: 'Proved it with a real build' }
const enable = { todo: 'Switch it on', done: 'Switched it on' }
const disable = { todo: 'Switch it off', done: 'Switched it off' }
const undoBothSides = {
  unchanged: 'Nothing on this computer has changed yet.',
  changed: 'Cancelling takes back everything done so far, on both sides.',
}

/** One row a kind of job. A flow yields the steps of its own row and no others, or does not compile. */
export const jobRows = {
  add: {
    steps: {
      connect,
      inspect: { todo: 'Look around', done: 'Looked around' },
      plan,
      register: { todo: 'Tell this computer’s Nix', done: 'Told this computer’s Nix' },
      provision: { todo: 'Set up the builder’s side', done: 'Set up the builder’s side' },
      prove,
      enable,
    },
    doing: 'Adding',
    done: (id) => `${id} is a builder now`,
    sheet: 'always',
    undo: undoBothSides,
    settles: true,
  },
  adopt: {
    steps: {
      'read-line': { todo: 'Read its line', done: 'Read its line' },
      'move-line': { todo: 'Shake hands, and move its line', done: 'Shook hands, and moved its line' },
      prove,
    },
    doing: 'Taking over',
    done: (id) => `${id} is managed by Millwright now`,
    sheet: 'always',
    undo: {
      unchanged: 'Nothing on this computer has changed yet.',
      changed: 'Cancelling gives its line back.',
    },
  },
  test: { steps: { prove }, doing: 'Testing', retry: (id) => ({ name: 'test-builder', input: { id } }) },
  remove: {
    steps: {
      disable,
      connect,
      unprovision: { todo: 'Clean up over there', done: 'Cleaned up over there' },
      unregister: { todo: 'Take it out of this computer’s Nix', done: 'Took it out of this computer’s Nix' },
    },
    doing: 'Removing',
    done: (id) => `${id} is no longer a builder`,
    sheet: 'always',
    retry: (id) => ({ name: 'remove-builder', input: { id, localOnly: false } }),
    settles: true,
  },
  pause: { steps: { disable }, doing: 'Pausing' },
  resume: {
    steps: { enable },
    doing: 'Resuming',
    retry: (id) => ({ name: 'resume-builder', input: { id } }),
  },
  rollback: {
    steps: {
      rollback: {
        todo: 'Go back to the earlier configuration',
        done: 'Went back to the earlier configuration',
      },
    },
    doing: 'Going back',
    title: () => 'Going back to an earlier configuration',
  },
  uninstall: {
    steps: {
      'take-back': {
        todo: 'Take back what Millwright wrote on this computer',
        done: 'Took back what Millwright had written on this computer',
      },
    },
    doing: 'Taking everything back',
    title: () => 'Taking everything back on this computer',
  },
  'install-helper': {
    steps: { 'put-helper': { todo: 'Put the helper into its place', done: 'Put the helper into its place' } },
    doing: 'Installing the helper',
    title: () => 'Installing the helper',
  },
  /** About a mode, or about a builder that everyone is to have as substituter. */
  mode: {
    steps: { switch: { todo: 'Switch', done: 'Switched' } },
    doing: 'Switching for everyone',
    title: (about) =>
      about === 'remote-only'
        ? 'Switching the mode for everyone'
        : `Switching ${about} as substituter for everyone`,
  },
  'offer-substituter': {
    steps: {
      connect,
      'make-signing-key': { todo: 'Make its signing key', done: 'Made its signing key' },
      trust: { todo: 'Trust the key on this computer', done: 'Trusted the key on this computer' },
      sign: { todo: 'Sign what is already there', done: 'Signed what was already there' },
    },
    doing: 'Offering as substituter',
    title: (id) => `Offering ${id} as substituter`,
    done: (id) => `${id} is a substituter now`,
    sheet: 'at-work',
    unwatched: 'sign',
    retry: (id) => ({ name: 'use-substituter', input: { id, scope: 'me', on: true } }),
    undo: undoBothSides,
  },
  'withdraw-substituter': {
    steps: {
      distrust: { todo: 'Trust its key no longer', done: 'Its key is no longer trusted' },
      connect,
      'drop-signing-key': { todo: 'Delete its signing key', done: 'Deleted its signing key' },
    },
    doing: 'Withdrawing as substituter',
    title: (id) => `Withdrawing ${id} as substituter`,
    done: (id) => `${id} is no longer a substituter`,
    retry: (id) => ({ name: 'withdraw-substituter', input: { id } }),
  },
  share: {
    steps: {
      share: { todo: 'Change how builds connect, and check it', done: 'Changed how builds connect' },
    },
    doing: 'Changing the connection',
    title: (id) => `Changing the connection to ${id}`,
  },
  collect: {
    steps: {
      'count-garbage': { todo: 'Count what nobody needs', done: 'Counted what nobody needs' },
      'collect-garbage': { todo: 'Delete it', done: 'Deleted it' },
    },
    doing: 'Freeing space',
    title: (id) => `Freeing space on ${id}`,
    done: (id) => `${id} holds only what it needs`,
    sheet: 'at-end',
    retry: (id) => ({ name: 'collect-garbage', input: { id } }),
  },
  'accept-host-key': {
    steps: {
      'read-host-key': { todo: 'Read its host key', done: 'Read its host key' },
      'accept-host-key': {
        todo: 'Accept the key on this computer',
        done: 'Accepted the key on this computer',
      },
      prove,
      enable,
    },
    doing: 'Accepting its host key',
    title: (id) => `Accepting the host key of ${id}`,
    retry: (id) => ({ name: 'accept-host-key', input: { id } }),
  },
  'rotate-key': {
    steps: {
      connect,
      plan,
      'make-key': { todo: 'Make new keys', done: 'Made new keys' },
      'let-in': { todo: 'Let them in beside the old ones', done: 'Let them in beside the old ones' },
      prove,
      'drop-key': { todo: 'Take the old ones out', done: 'Took the old ones out' },
    },
    doing: 'Renewing its keys',
    title: (id) => `Renewing the keys to ${id}`,
    done: (id) => `The keys to ${id} are new`,
    sheet: 'always',
    retry: (id) => ({ name: 'rotate-key', input: { id } }),
    undo: undoBothSides,
    settles: 'own',
  },
} as const satisfies Readonly<Record<JobKind, JobRow>>

/** The steps of one kind of job. */
export type StepOf<K extends JobKind> = K extends JobKind ? keyof (typeof jobRows)[K]['steps'] : never
export type StepName = StepOf<JobKind>

/** The row of a kind, for those who do not care which it is. */
export const jobRow = (kind: JobKind): JobRow => jobRows[kind]

/** The steps of a kind of job in their order. */
export const stepsOf = (kind: JobKind): readonly string[] => Object.keys(jobRows[kind].steps)
