import { useEffect, useState } from 'react'
import type { Failure } from '../../../contract/failure'
import type { Series, SeriesSpan } from '../../../contract/health'
import { useCommands } from '../../state/api-context'

const periodMs: Record<SeriesSpan, number> = { hour: 10_000, day: 60_000 }

export interface SeriesState {
  readonly series?: Series
  readonly failure?: Failure
}

/** What was recorded of a builder, asked for again as it grows; not while nobody can see it. */
export function useSeries(id: string, span: SeriesSpan): SeriesState {
  const { call } = useCommands()
  const [state, setState] = useState<SeriesState>({})
  useEffect(() => {
    let left = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = async () => {
      clearTimeout(timer)
      if (document.visibilityState === 'hidden') return
      const reply = await call('get-series', { id, span })
      if (left) return
      setState(reply.ok ? { series: reply.value } : { failure: reply.failure })
      clearTimeout(timer)
      timer = setTimeout(() => void ask(), periodMs[span])
    }
    const askAtOnce = () => void ask()
    setState({})
    askAtOnce()
    document.addEventListener('visibilitychange', askAtOnce)
    return () => {
      left = true
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', askAtOnce)
    }
  }, [call, id, span])
  return state
}
