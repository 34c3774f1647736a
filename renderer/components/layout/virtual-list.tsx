import {
  defaultRangeExtractor,
  measureElement,
  observeElementRect,
  type Range,
  useVirtualizer,
} from '@tanstack/react-virtual'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import styles from './virtual-list.module.css'

interface VirtualListProps {
  /** Its name for a screen reader. */
  readonly label: string
  readonly count: number
  readonly keyOf: (index: number) => string
  /** The usual height of a row in px; the real one is measured. */
  readonly rowHeight: number
  /** The row that has the focus when the list first appears. */
  readonly first?: number | undefined
  /** Whether a row takes the focus itself, having no `data-row-name` that would. */
  readonly rowsTakeFocus?: boolean
  readonly row: (index: number) => React.ReactNode
}

/** Nothing has a size in a document that is never drawn; and a hidden window keeps what it had. */
const unseen = { width: 720, height: 600 }

/**
 * A list of which only the rows in sight exist, in the page that scrolls around it. The row with the focus always
 * exists, and the arrow keys, Home and End lead from row to row.
 */
export function VirtualList(props: VirtualListProps) {
  const { label, count, keyOf, rowHeight, first = -1, rowsTakeFocus = false, row } = props
  const list = useRef<HTMLUListElement>(null)
  const margin = useOffset(list)
  const [kept, setKept] = useState(first)
  const wanted = useRef(first)
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scrollerOf(list.current),
    getItemKey: keyOf,
    estimateSize: () => rowHeight,
    scrollMargin: margin,
    overscan: 6,
    useFlushSync: false,
    initialRect: unseen,
    rangeExtractor: (range) => withKept(range, kept),
    observeElementRect: (instance, report) =>
      observeElementRect(instance, (rect) => report(rect.height > 0 ? rect : unseen)),
    measureElement: (element, entry, instance) => measureElement(element, entry, instance) || rowHeight,
  })
  useEffect(() => {
    const target = wanted.current < 0 ? undefined : targetIn(list.current, wanted.current)
    if (!target) return
    // What stands above the first row is seen again with it.
    if (wanted.current === 0) rows.scrollToOffset(0)
    else rows.scrollToIndex(wanted.current)
    target.focus({ preventScroll: true })
    wanted.current = -1
  })

  const move = (event: React.KeyboardEvent<HTMLUListElement>) => {
    const index = count > 0 ? indexAfter(event, kept, count) : undefined
    if (index === undefined) return
    event.preventDefault()
    wanted.current = index
    setKept(index)
  }
  const tabbable = Math.min(Math.max(kept, 0), count - 1)
  return (
    <ul
      ref={list}
      className={styles.list}
      aria-label={label}
      style={{ height: rows.getTotalSize() }}
      onKeyDown={move}
    >
      {rows.getVirtualItems().map(({ key, index, start }) => (
        <li
          key={key}
          ref={rows.measureElement}
          className={styles.row}
          data-index={index}
          aria-setsize={count}
          aria-posinset={index + 1}
          tabIndex={rowsTakeFocus ? (index === tabbable ? 0 : -1) : undefined}
          style={{ transform: `translateY(${start - margin}px)` }}
          onFocus={() => setKept(index)}
        >
          {row(index)}
        </li>
      ))}
    </ul>
  )
}

/** The part of the page that scrolls. */
const scrollerOf = (list: HTMLElement | null) => list?.closest<HTMLElement>('[data-scrolls]') ?? null

/** How far below the top of what scrolls the list begins; what stands above may come, go and unfold. */
function useOffset(list: React.RefObject<HTMLElement | null>): number {
  const [offset, setOffset] = useState(0)
  useLayoutEffect(() => {
    const scroller = scrollerOf(list.current)
    if (!scroller) return
    const measure = () => {
      const top = list.current?.getBoundingClientRect().top ?? 0
      setOffset(Math.round(top - scroller.getBoundingClientRect().top + scroller.scrollTop))
    }
    measure()
    const observer = new ResizeObserver(measure)
    for (const child of scroller.children) observer.observe(child)
    return () => observer.disconnect()
  }, [list])
  return offset
}

function withKept(range: Range, kept: number): number[] {
  const indexes = defaultRangeExtractor(range)
  if (kept < 0 || kept >= range.count || indexes.includes(kept)) return indexes
  return [...indexes, kept].sort((a, b) => a - b)
}

/** Rows that take no focus themselves have one thing in them that does, and stands for the row. */
function targetIn(list: HTMLElement | null, index: number): HTMLElement | undefined {
  const row = list?.querySelector<HTMLElement>(`:scope > [data-index="${index}"]`)
  return row?.querySelector<HTMLElement>('[data-row-name]') ?? row ?? undefined
}

/** Only keys pressed on the row itself count: menus and fields in it have arrows of their own. */
function indexAfter({ key, target }: React.KeyboardEvent, from: number, count: number): number | undefined {
  if (!(target instanceof HTMLElement) || !target.matches('[data-row-name], [data-index]')) return undefined
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: from + 1,
    ArrowUp: from - 1,
    Home: 0,
    End: count - 1,
  }
  const index = steps[key]
  return index === undefined ? undefined : Math.min(Math.max(index, 0), count - 1)
}
