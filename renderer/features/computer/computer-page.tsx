import { Button } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import type { HelperView, Snapshot } from '../../../contract/snapshot'
import { explainSettings } from '../../../core/modes/explain-settings'
import { plural } from '../../../core/text/format'
import { Card, Fact, Facts } from '../../components/layout/card'
import { Page } from '../../components/layout/page'
import { CodeBlock } from '../../components/text/code-block'
import { OwnedFiles } from '../../components/text/owned-files'
import { useCommands } from '../../state/api-context'
import { ModeSwitches } from '../modes/mode-switches'
import { Notices } from '../notices/notices'
import styles from './computer-page.module.css'

const states: Record<HelperView['state'], string> = {
  ready: 'installed',
  missing: 'not installed',
  insecure: 'installed, but not safely',
  outdated: 'installed, of another version',
}

const ways: Record<HelperView['way'], string> = {
  pkexec: 'polkit asks an administrator',
  sudo: 'through sudo',
  root: 'already root',
  doas: 'through doas',
  run0: 'through run0',
  none: 'no way found: commands to run are shown instead',
  'not-needed': 'none: this Nix is yours alone',
}

/** This computer's Nix, the helper, and every file that Millwright wrote here. */
export function ComputerPage({ snapshot }: { snapshot: Snapshot }) {
  const { act } = useCommands()
  const { nix, helper, localFiles, foreign, appVersion } = snapshot
  const explained = explainSettings(localFiles)
  return (
    <Page
      title="This computer"
      status={
        localFiles.length === 0 ? 'Nothing written here' : `${plural(localFiles.length, 'file')} written here`
      }
      actions={
        <>
          <ModeSwitches snapshot={snapshot} />
          <Button
            leftSection={<IconRefresh size={14} aria-hidden />}
            onClick={() => void act('look-around', {})}
          >
            Look again
          </Button>
        </>
      }
    >
      <Notices snapshot={snapshot} />
      <div className={styles.cards}>
        <Card title="Nix">
          <Facts>
            <Fact name="Version">{nix?.version ?? 'not found'}</Fact>
            {nix && <Fact name="Installed as">{nix.kind}</Fact>}
            {nix && <Fact name="System">{nix.system}</Fact>}
            {nix?.declarative && <Fact name="Configured by">{nix.declarative}</Fact>}
          </Facts>
        </Card>
        <Card title="Millwright">
          <Facts>
            <Fact name="Version">{appVersion}</Fact>
            {helper.way !== 'not-needed' && <Fact name="Helper">{states[helper.state]}</Fact>}
            <Fact name="Root’s part">{ways[helper.way]}</Fact>
            {helper.generation !== undefined && <Fact name="Generation">{helper.generation}</Fact>}
          </Facts>
        </Card>
        {explained.length > 0 && (
          <div className={styles.wide}>
            <Card title="What Nix is told, and why">
              <Facts>
                {explained.map(({ about, setting, value, why }) => (
                  <Fact key={setting} name={about} how={why}>
                    <code>
                      {setting} {value}
                    </code>
                  </Fact>
                ))}
              </Facts>
            </Card>
          </div>
        )}
        <div className={styles.wide}>
          <Card title="What Millwright wrote here">
            {localFiles.length === 0 ? (
              <p className={styles.nothing}>Nothing yet. The first builder brings the first file.</p>
            ) : (
              <OwnedFiles files={localFiles} />
            )}
          </Card>
        </div>
        {foreign.map(({ path, text }) => (
          <div key={path} className={styles.wide}>
            <Card title={`${path}, which is not Millwright’s and stays as it is`}>
              <CodeBlock text={text} label={path} />
            </Card>
          </div>
        ))}
      </div>
    </Page>
  )
}
