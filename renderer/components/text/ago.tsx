import { formatAgo } from '../../../core/text/format'
import { useNow } from '../../state/use-now'

/** How long ago something was, with the exact time for who asks. `at` is ISO 8601. */
export function Ago({ at }: { at: string }) {
  const nowMs = useNow()
  const date = new Date(at)
  return (
    <time dateTime={at} title={date.toLocaleString()}>
      {formatAgo(nowMs - date.getTime())}
    </time>
  )
}
