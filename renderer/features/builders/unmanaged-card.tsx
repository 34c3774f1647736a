import { Button, VisuallyHidden } from '@mantine/core'
import type { UnmanagedBuilder } from '../../../contract/snapshot'
import { unmanagedState, unmanagedWhere } from '../../../core/status/unmanaged-words'
import { Card } from '../../components/layout/card'
import { Badge } from '../../components/signs/badge'
import { useCommands } from '../../state/api-context'
import styles from './unmanaged-card.module.css'

/** Builders in lines that others wrote: Nix uses them, and Millwright leaves them as they are. */
export function UnmanagedCard({ unmanaged }: { unmanaged: readonly UnmanagedBuilder[] }) {
  if (unmanaged.length === 0) return null
  return (
    <div className={styles.around}>
      <Card title="Not managed by Millwright">
        <ul className={styles.list}>
          {unmanaged.map((one) => (
            <Row key={`${one.where} ${one.key ?? JSON.stringify(one.machine)}`} one={one} />
          ))}
        </ul>
      </Card>
    </div>
  )
}

function Row({ one }: { one: UnmanagedBuilder }) {
  const { name, machine, runningBuilds = 0 } = one
  const features = machine ? [...machine.supportedFeatures, ...machine.mandatoryFeatures] : []
  return (
    <li className={styles.row}>
      <div className={styles.about}>
        <span className={styles.name}>{name}</span>
        <span className={styles.state}>{unmanagedState(one)}</span>
      </div>
      {machine ? (
        <div className={styles.badges}>
          {[...(machine.systems ?? []), ...features].map((text) => (
            <Badge key={text}>{text}</Badge>
          ))}
        </div>
      ) : (
        <div className={styles.state}>Only root may read its line</div>
      )}
      <div className={styles.state}>{machine && `${runningBuilds} of ${machine.maxJobs}`}</div>
      <code className={styles.where}>{unmanagedWhere(one)}</code>
      <AdoptButton one={one} />
    </li>
  )
}

/** Where root could move the line; whether it does, root says when it has read it. */
function AdoptButton({ one: { name, key, machine, isDeclared, builder } }: { one: UnmanagedBuilder }) {
  const { act } = useCommands()
  const isMovable = machine !== undefined && /^ssh(-ng)?:/.test(machine.uri) && !isDeclared
  if (key === undefined || builder !== undefined || !isMovable) return <span />
  return (
    <Button size="compact-sm" onClick={() => void act('adopt-builder', { line: key })}>
      Adopt<VisuallyHidden>&nbsp;{name}</VisuallyHidden>
    </Button>
  )
}
