import type { PlanChange } from '../../contract/remote'
import styles from './approve-plan.module.css'

const sides = [
  { where: 'remote', title: 'On the builder' },
  { where: 'local', title: 'On this computer' },
] as const

/** Every change as a sentence, what it touches, and how it is taken back; by the machine it is on. */
export function PlanChanges({ changes }: { changes: readonly PlanChange[] }) {
  return (
    <div className={styles.changes}>
      {sides.map(({ where, title }) => {
        const here = changes.filter((change) => change.where === where)
        if (here.length === 0) return null
        return (
          <div key={where}>
            <h4 className={styles.side}>{title}</h4>
            <ul>
              {here.map(({ what, target, undo }) => (
                <li key={`${target} ${what}`} className={styles.change}>
                  {what}
                  <code>{target}</code>
                  <span className={styles.undo}>Undone by: {undo}</span>
                </li>
              ))}
            </ul>
          </div>
        )
      })}
    </div>
  )
}
