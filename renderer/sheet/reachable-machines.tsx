import type { BuilderView, ReachableMachine } from '../../contract/snapshot'
import styles from './choose-sheet.module.css'

const sources: Record<ReachableMachine['source'], string> = {
  'machines-file': 'In a machines file already',
  'ssh-config': 'From your SSH configuration',
  'known-hosts': 'Machines you logged in to before',
}
const order = ['machines-file', 'ssh-config', 'known-hosts'] as const

/** Beyond this many, what is typed into the field narrows the list. */
const longList = 6

interface ReachableMachinesProps {
  readonly machines: readonly ReachableMachine[]
  readonly builders: readonly BuilderView[]
  readonly wanted: string
  readonly disabled: boolean
  readonly onChoose: (address: string) => void
}

/** Machines within reach, one click each, by where they were found. */
export function ReachableMachines({
  machines,
  builders,
  wanted,
  disabled,
  onChoose,
}: ReachableMachinesProps) {
  const byHost = new Map(builders.map(({ host, id }) => [host, id]))
  const shown = machines.length > longList ? machines.filter((machine) => matches(machine, wanted)) : machines
  const open = shown.map((machine) => ({ ...machine, builder: machine.builder ?? byHost.get(machine.label) }))
  return (
    <section className={styles.machines} aria-label="Machines within reach">
      {open.length === 0 && <p className={styles.nothing}>None of the machines within reach matches.</p>}
      {order.map((source) => {
        const group = open.filter((machine) => machine.source === source)
        if (group.length === 0) return null
        return (
          <div key={source}>
            <h3 className={styles.source}>{sources[source]}</h3>
            <ul>
              {group.map((machine) => (
                <li key={machine.address}>
                  <button
                    type="button"
                    className={styles.machine}
                    disabled={disabled || machine.builder !== undefined}
                    onClick={() => onChoose(machine.address)}
                  >
                    <span className={styles.add}>{machine.builder === undefined ? 'Add' : 'Added'}</span>
                    <span className={styles.label}>{machine.label}</span>
                    <span className={styles.detail}>
                      {machine.builder === undefined
                        ? machine.detail
                        : `${machine.builder}, a builder already`}
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          </div>
        )
      })}
    </section>
  )
}

function matches({ label, detail, address }: ReachableMachine, wanted: string): boolean {
  return `${label} ${detail} ${address}`.toLowerCase().includes(wanted.trim().toLowerCase())
}
