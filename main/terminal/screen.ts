import { createLogUpdate } from 'log-update'
import type { Screen } from './io'
import { liveText } from './text/live-text'

/** What of a terminal's stream is used. */
export type ScreenStream = NodeJS.WritableStream & { readonly columns: number; readonly rows: number }

/** Whether a stream is a terminal of a known size with a cursor; NO_COLOR is about colour, of which there is none. */
export function canDrawOver(
  { isTTY, columns, rows }: Partial<Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'rows'>>,
  { TERM }: NodeJS.ProcessEnv,
): boolean {
  return isTTY === true && (columns ?? 0) > 0 && (rows ?? 0) > 0 && TERM !== 'dumb'
}

/** A terminal that can be drawn over, by log-update. */
export function createScreen(stream: ScreenStream): Screen {
  const update = createLogUpdate(stream)
  let drawn = ''
  const draw = (text: string) => {
    drawn = text
    update(liveText(text, stream.columns, stream.rows).join('\n'))
  }
  return {
    draw,
    columns: () => Math.max(1, stream.columns - 1),
    leave: () => {
      drawn = ''
      update.done()
    },
    clear: () => {
      if (drawn === '') return
      drawn = ''
      update.clear()
      update.done()
    },
    onResize: (listener) => {
      // Lines that were cut to the old width may wrap now: nobody knows where they stand.
      const redraw = () => {
        stream.write('\x1b[H\x1b[2J')
        update.done()
        listener()
      }
      stream.on('resize', redraw)
      return () => stream.off('resize', redraw)
    },
  }
}
