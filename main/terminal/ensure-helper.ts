import type { Terminal } from './context'

const question =
  'The list of builders belongs to root, and Millwright’s helper, which writes it, is not installed yet. Install it now, as root? [y/N] '

/**
 * Puts the helper into its place before the first thing that needs it, with the person's yes: nobody has to run another
 * command first. Without one, what needs it says what is missing.
 */
export async function ensureHelper({ app, io, helper }: Terminal, yes: boolean): Promise<void> {
  const { store, handlers } = await app()
  const { helper: found, nix } = store.state()
  // A Nix that root has no part in, or whose files a rebuild makes, has no use for it.
  if (found.state !== 'missing' || nix?.kind !== 'multi-user' || nix.declarative) return
  if (!yes && !(io.interactive && /^y(es)?$/i.test(await io.prompt(question, false)))) return
  if ((await helper.run('install', { isAside: true })) === 0) await handlers['look-around']({})
}
