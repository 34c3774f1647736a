import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { Logo } from '../../components/signs/logo'
import styles from './no-builders.module.css'

/** The list before the first builder. */
export function NoBuilders({ onAdd }: { onAdd: () => void }) {
  return (
    <div className={styles.empty}>
      <Logo size={40} />
      <h2 className={styles.title}>No builders yet. Everything builds on this computer.</h2>
      <p className={styles.text}>
        A builder is another machine that builds for your Nix over SSH. All it takes is a login there.
      </p>
      <Button variant="filled" leftSection={<IconPlus size={14} aria-hidden />} onClick={onAdd}>
        Add builder
      </Button>
    </div>
  )
}
