import type { Command } from 'commander'
import type { Terminal } from '../context'

/** `millwright helper status|install|uninstall`. */
export function helperCommands(program: Command, { helper, end }: Terminal): void {
  const group = program.command('helper').description('the small program that does root’s part')
  const operations = {
    status: 'what is installed, and whether only root can change it',
    install: 'put it in its place, with its polkit actions (needs root)',
    uninstall: 'take it out again (needs root)',
  } as const
  for (const [name, description] of Object.entries(operations)) {
    group
      .command(name)
      .description(description)
      .action(async () => end(await helper.run(name as keyof typeof operations)))
  }
}
