import styles from './builds.module.css'

interface BuildPlaceProps {
  readonly builder: string | undefined
  /** Whether it has a page here. */
  readonly isOurs: boolean
  readonly onShow: (id: string) => void
}

/** Where it builds: one of ours, which opens its page; another machine; or this computer. */
export function BuildPlace({ builder, isOurs, onShow }: BuildPlaceProps) {
  if (builder === undefined) return <span className={styles.dim}>this computer</span>
  if (!isOurs) {
    return (
      <span className={styles.clipped} title={builder}>
        {builder}
      </span>
    )
  }
  return (
    <button type="button" className={styles.place} title={builder} onClick={() => onShow(builder)}>
      {builder}
    </button>
  )
}
