import styles from './slot-squares.module.css'

const side = 8
const gap = 3
const perLine = 8

interface SlotSquaresProps {
  readonly used: number
  readonly of: number
}

/** A square for each job slot, for the eye alone: the number stands beside it. */
export function SlotSquares({ used, of }: SlotSquaresProps) {
  const pitch = side + gap
  const lines = Math.ceil(of / perLine)
  const squares = Array.from(
    { length: of },
    (_, index) => `M${(index % perLine) * pitch} ${Math.floor(index / perLine) * pitch}h8v8h-8z`,
  )
  return (
    <svg className={styles.squares} width={perLine * pitch - gap} height={lines * pitch - gap} aria-hidden>
      <path d={squares.slice(used).join('')} className={styles.free} />
      <path d={squares.slice(0, used).join('')} className={styles.used} />
    </svg>
  )
}
