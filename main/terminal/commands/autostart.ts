import { Argument, type Command } from 'commander'
import type { AutostartView, AutostartWay } from '../../../contract/preferences'
import type { Terminal } from '../context'
import { exitStatus } from '../io'
import { endWith } from '../run-job'

type Wanted = 'on' | 'off' | 'status'

/** `millwright autostart`: whether the app starts, without a window, when the person logs in. */
export function autostartCommands(program: Command, terminal: Terminal): void {
  program
    .command('autostart')
    .description('start the app in the tray when you log in')
    .addArgument(new Argument('<on|off|status>').choices(['on', 'off', 'status']))
    .option('--systemd', 'on: by your systemd, not by the desktop')
    .action((wanted: Wanted, options: { systemd?: boolean }) =>
      autostart(terminal, wanted, options.systemd ? 'systemd' : 'desktop'),
    )
}

async function autostart(terminal: Terminal, wanted: Wanted, onWay: AutostartWay): Promise<void> {
  const { handlers, store } = await terminal.app()
  if (wanted !== 'status') {
    const way = wanted === 'on' ? onWay : 'off'
    const reply = await handlers['set-autostart']({ way })
    if (!reply.ok) return endWith(terminal, { failure: reply.failure })
  }
  terminal.io.out(autostartText(store.state().autostart))
  terminal.end(exitStatus.done)
}

function autostartText({ way, offered }: AutostartView): string {
  const words = {
    off: 'Millwright does not start when you log in.',
    desktop: 'Millwright starts when you log in, by the desktop.',
    systemd: 'Millwright starts when you log in, by your systemd.',
  } as const satisfies Record<AutostartWay, string>
  const ways = offered.filter((one) => one !== 'off').join(', ')
  return `${words[way]}\n${way === 'off' ? `Ways there are here: ${ways || 'none'}\n` : ''}`
}
