import { Fragment } from 'react'
import type { Preferences, PreferencesChange } from '../../../contract/preferences'
import type { Snapshot } from '../../../contract/snapshot'
import { Switch } from '../../components/controls/switch'
import { Card } from '../../components/layout/card'
import { Page } from '../../components/layout/page'
import { Refused } from '../../components/messages/refused'
import { useCommands } from '../../state/api-context'
import { LongBuild } from './long-build'
import styles from './settings.module.css'
import { StartAtLogin } from './start-at-login'

type Notification = keyof Preferences['notifications']

const notifications: readonly { readonly name: Notification; readonly label: string }[] = [
  { name: 'lost', label: 'A builder is lost, or is back' },
  { name: 'diskLow', label: 'A builder is running out of space' },
  { name: 'hostKeyChanged', label: 'A builder shows another host key' },
  { name: 'longBuild', label: 'A long build has finished' },
]

/** One row a setting that is on or off, with what it means either way. */
const aboutBuilders = [
  {
    name: 'suspend',
    label: 'Leave out a builder that does not answer',
    on: 'Nix builds elsewhere at once, and uses it again as soon as it answers.',
    off: 'Before each build, Nix waits for it until you pause it.',
  },
] as const

/** What the person likes; each change holds at once. */
export function SettingsPage({ snapshot: { preferences, autostart } }: { snapshot: Snapshot }) {
  const { act } = useCommands()
  const change = (changed: PreferencesChange) => void act('set-preferences', changed)
  return (
    <Page title="Settings" status="Changes hold at once">
      <div className={styles.cards}>
        <Refused />
        <Card title="Start">
          <StartAtLogin autostart={autostart} />
        </Card>
        <Card title="Notifications">
          <div className={styles.list}>
            {notifications.map(({ name, label }) => {
              const checked = preferences.notifications[name]
              return (
                <Switch
                  key={name}
                  name={label}
                  checked={checked}
                  onPress={() => change({ notifications: { [name]: !checked } })}
                >
                  {label}
                </Switch>
              )
            })}
          </div>
          <LongBuild
            minutes={preferences.longBuildMinutes}
            disabled={!preferences.notifications.longBuild}
            onChange={(longBuildMinutes) => change({ longBuildMinutes })}
          />
          <p className={styles.explain}>One for each change that lasts; none while the screen is locked.</p>
        </Card>
        <Card title="Builders">
          {aboutBuilders.map(({ name, label, on, off }) => (
            <Fragment key={name}>
              <div className={styles.list}>
                <Switch
                  name={label}
                  checked={preferences[name]}
                  onPress={() => change({ [name]: !preferences[name] })}
                >
                  {label}
                </Switch>
              </div>
              <p className={styles.explain}>{preferences[name] ? on : off}</p>
            </Fragment>
          ))}
        </Card>
      </div>
    </Page>
  )
}
