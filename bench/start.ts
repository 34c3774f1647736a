import { openDesk } from './support/desk'
import { type Measured, median } from './support/section'
import { apps, startTrayApp } from './support/tray-app'
import { interleave } from './support/two-sides'

/** From the start of the process until the desktop has an icon and its menu, beside an empty app with a tray. */
export async function measureStart(rounds: number): Promise<Measured> {
  await using desk = await openDesk(10)
  const listed: number[] = []
  const start = (words: readonly string[]) => async () => {
    const app = await startTrayApp(desk, words)
    if (words === apps.hidden) listed.push(await app.listsMs('builder-0'))
    await app.close()
    return app.readyMs
  }
  const { empty, hidden, shown } = await interleave(rounds, {
    empty: start(apps.empty),
    hidden: start(apps.hidden),
    shown: start(apps.shown),
  })
  const target = (what: string, ours: readonly number[]) =>
    ({ what, value: median(ours) / median(empty), unit: '×', atMost: 1.25 }) as const
  return {
    cells: [
      { what: 'an empty app', samplesMs: empty },
      { what: 'Millwright with 10 builders, as at login', samplesMs: hidden },
      { what: 'Millwright with 10 builders, with its window', samplesMs: shown },
      { what: 'as at login, until its menu lists the builders', samplesMs: listed.slice(1) },
    ],
    targets: [target('as at login', hidden), target('with its window', shown)],
    notes: [
      'Both by the same Electron, started as a person starts them, until a panel has read the whole menu.',
    ],
  }
}
