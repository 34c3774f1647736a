import styles from './sheet-frame.module.css'

/** The part of a sheet that scrolls when it is taller than the window. */
export function SheetScroll({ children }: { children: React.ReactNode }) {
  return (
    <div className={styles.scroll} data-scrolls>
      {children}
    </div>
  )
}

interface SheetFootProps {
  /** What stands on the left, beside the buttons. */
  readonly note?: React.ReactNode
  readonly children: React.ReactNode
}

/** A sheet's buttons; always in sight. */
export function SheetFoot({ note, children }: SheetFootProps) {
  return (
    <div className={styles.foot}>
      <span className={styles.note}>{note}</span>
      {children}
    </div>
  )
}
