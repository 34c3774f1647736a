import { type Icon, IconDeviceDesktop, IconHammer, IconServer2, IconSettings } from '@tabler/icons-react'
import type { Snapshot } from '../../contract/snapshot'
import { Logo } from '../components/signs/logo'
import styles from './sidebar.module.css'

export type Route = 'builders' | 'builds' | 'computer' | 'settings'

interface RailProps {
  readonly snapshot: Snapshot
  readonly place: Route
  readonly onGo: (place: Route) => void
}

/** Where one can be, and whose Nix this is. */
export function Sidebar({ snapshot, place, onGo }: RailProps) {
  const { nix, builders, builds } = snapshot
  const item = (to: Route, label: string, Icon: Icon, count?: number) => (
    <button
      type="button"
      className={styles.item}
      aria-current={place === to ? 'page' : undefined}
      title={label}
      onClick={() => onGo(to)}
    >
      <Icon size={16} stroke={1.75} aria-hidden />
      <span className={styles.label}>{label}</span>
      {count !== undefined && count > 0 && <span className={styles.count}>{count}</span>}
    </button>
  )
  return (
    <nav className={styles.rail} aria-label="Millwright">
      <div className={styles.brand}>
        <Logo />
        <span className={styles.label}>Millwright</span>
      </div>
      {item('builders', 'Builders', IconServer2, builders.length)}
      {item('builds', 'Builds', IconHammer, builds.running.length)}
      {item('computer', 'This computer', IconDeviceDesktop)}
      {item('settings', 'Settings', IconSettings)}
      <div className={styles.foot}>
        {nix ? `Nix ${shortVersion(nix.version)} · ${nix.kind}` : 'No Nix here'}
      </div>
    </nav>
  )
}

/** `2.31.1` of `nix (Nix) 2.31.1`. */
export const shortVersion = (version: string): string =>
  /\d+(\.\d+)+\S*/.exec(version)?.[0] ?? version.slice(0, 24)
