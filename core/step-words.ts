import type { JobKind, StepName } from '../contract/job'

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
}

/** `Adding otto`. */
export function jobTitle(kind: JobKind, builderId: string): string {
  return `${jobWords[kind]} ${builderId}`
}
