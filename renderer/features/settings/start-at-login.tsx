import { Radio } from '@mantine/core'
import type { AutostartView, AutostartWay } from '../../../contract/preferences'
import { useCommands } from '../../state/api-context'
import styles from './settings.module.css'

const ways: readonly { readonly way: AutostartWay; readonly label: string; readonly how: string }[] = [
  { way: 'off', label: 'Only when I open it', how: 'Nothing is watched until then.' },
  { way: 'desktop', label: 'When I log in', how: 'The desktop starts it, without a window.' },
  {
    way: 'systemd',
    label: 'When I log in, by systemd',
    how: 'Your user manager starts it, and again should it ever stop.',
  },
]

/** How Millwright starts; only the ways that there are here. */
export function StartAtLogin({ autostart: { way, offered } }: { autostart: AutostartView }) {
  const { act } = useCommands()
  const shown = ways.filter((one) => offered.includes(one.way) || one.way === way)
  if (shown.length < 2) {
    return <p className={styles.explain}>Nothing here can start it when you log in.</p>
  }
  return (
    <Radio.Group
      aria-label="When Millwright starts"
      value={way}
      onChange={(value) => {
        const chosen = shown.find((one) => one.way === value)
        if (chosen) void act('set-autostart', { way: chosen.way })
      }}
    >
      <div className={styles.list}>
        {shown.map((one) => (
          <Radio key={one.way} size="xs" value={one.way} label={one.label} description={one.how} />
        ))}
      </div>
    </Radio.Group>
  )
}
