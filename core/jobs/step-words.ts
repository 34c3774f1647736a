import type { JobKind, StepName } from '../../contract/job'

const words: Record<StepName, { readonly todo: string; readonly done: string }> = {
  connect: { todo: 'Connect', done: 'Connected' },
  inspect: { todo: 'Look around', done: 'Looked around' },
  plan: { todo: 'Make a plan', done: 'Made a plan' },
  register: { todo: 'Tell this computer’s Nix', done: 'Told this computer’s Nix' },
  provision: { todo: 'Set up the builder’s side', done: 'Set up the builder’s side' },
  prove: { todo: 'Prove it with a real build', done: 'Proved it with a real build' },
  enable: { todo: 'Switch it on', done: 'Switched it on' },
  disable: { todo: 'Switch it off', done: 'Switched it off' },
  unprovision: { todo: 'Clean up over there', done: 'Cleaned up over there' },
  unregister: { todo: 'Take it out of this computer’s Nix', done: 'Took it out of this computer’s Nix' },
  switch: { todo: 'Switch', done: 'Switched' },
  'make-signing-key': { todo: 'Make its signing key', done: 'Made its signing key' },
  trust: { todo: 'Trust the key on this computer', done: 'Trusted the key on this computer' },
  sign: { todo: 'Sign what is already there', done: 'Signed what was already there' },
  distrust: { todo: 'Trust its key no longer', done: 'Its key is no longer trusted' },
  'drop-signing-key': { todo: 'Delete its signing key', done: 'Deleted its signing key' },
  share: { todo: 'Change how builds connect, and check it', done: 'Changed how builds connect' },
  'count-garbage': { todo: 'Count what nobody needs', done: 'Counted what nobody needs' },
  'collect-garbage': { todo: 'Delete it', done: 'Deleted it' },
  rollback: { todo: 'Go back to the earlier configuration', done: 'Went back to the earlier configuration' },
}

/** What a step does, or did, in a few words. */
export function stepWords(
  name: StepName,
  state: 'waiting' | 'running' | 'done' | 'failed' | 'skipped',
): string {
  return state === 'done' ? words[name].done : words[name].todo
}

const jobWords: Record<JobKind, string> = {
  add: 'Adding',
  test: 'Testing',
  remove: 'Removing',
  pause: 'Pausing',
  resume: 'Resuming',
  rollback: 'Going back for',
  mode: 'Switching',
  'offer-substituter': 'Offering',
  'withdraw-substituter': 'Withdrawing',
  share: 'Changing the connection to',
  collect: 'Freeing space on',
}

/** `Adding otto`. A mode's job is about no builder: its id is the mode's. Without an id: `Adding`. */
export function jobTitle(kind: JobKind, builderId: string): string {
  if (kind === 'mode') return 'Switching the mode for everyone'
  const isSubstituter = kind === 'offer-substituter' || kind === 'withdraw-substituter'
  return [jobWords[kind], builderId, isSubstituter ? 'as substituter' : ''].filter(Boolean).join(' ')
}
