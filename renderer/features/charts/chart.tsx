import { VisuallyHidden } from '@mantine/core'
import { useId } from 'react'
import { CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import type { SeriesPoint, SeriesSpan } from '../../../contract/health'
import type { ChartLine } from './chart-data'
import { clockWords, extentOf, roundTicks, type TimeAxis } from './chart-data'
import { ChartTip } from './chart-tip'
import styles from './charts.module.css'

interface ChartProps {
  readonly points: readonly SeriesPoint[]
  readonly time: TimeAxis
  readonly span: SeriesSpan
  readonly line: ChartLine
  /** A share (0–1), with its own axis to the right. */
  readonly beside?: ChartLine
  readonly height: number
  readonly unit?: number
  /** What the last value is to be held against. */
  readonly note?: string | undefined
  /** Of what is counted: no ticks between whole numbers. */
  readonly isWhole?: boolean
}

const tick = { fill: 'var(--dim)', fontSize: 11 }
const shares = [0, 0.5, 1]

/** One measure over time, with its last value beside its name; and in words for who cannot see it. */
export function Chart(props: ChartProps) {
  const { points, time, span, line, beside, height, unit, isWhole, note } = props
  const id = useId()
  const lines = beside ? [line, beside] : [line]
  const ticks = [...roundTicks(extentOf(points, line.measure)?.highest ?? 0, unit, isWhole)]
  return (
    <figure className={styles.chart} aria-labelledby={id}>
      <figcaption id={id} className={styles.caption}>
        {lines.map((one) => (
          <Caption
            key={one.measure}
            line={one}
            points={points}
            span={span}
            note={one === line ? note : undefined}
            isTwo={beside !== undefined}
          />
        ))}
      </figcaption>
      <ResponsiveContainer width="100%" height={height} initialDimension={{ width: 300, height }}>
        <LineChart data={[...points]} margin={{ top: 6, right: beside ? 0 : 14, bottom: 0, left: 0 }}>
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis
            dataKey="atMs"
            type="number"
            domain={[...time.domain]}
            ticks={[...time.ticks]}
            tickFormatter={clockWords}
            tick={tick}
            tickLine={false}
            axisLine={{ stroke: 'var(--line)' }}
            height={20}
            allowDataOverflow
          />
          <YAxis
            yAxisId="value"
            width={line.axisWidth ?? 32}
            tick={tick}
            tickLine={false}
            axisLine={false}
            ticks={ticks}
            domain={[0, ticks.at(-1) ?? 1]}
            interval={0}
            tickFormatter={(value: number) => (value === 0 ? '0' : (line.tickWords ?? line.words)(value))}
          />
          {beside && (
            <YAxis
              yAxisId="share"
              orientation="right"
              width={44}
              tick={tick}
              tickLine={false}
              axisLine={false}
              ticks={shares}
              domain={[0, 1]}
              tickFormatter={beside.words}
            />
          )}
          <Tooltip
            content={<ChartTip lines={lines} />}
            cursor={{ stroke: 'var(--quiet)' }}
            isAnimationActive={false}
          />
          {lines.map((one) => (
            <Line
              key={one.measure}
              yAxisId={one === beside ? 'share' : 'value'}
              dataKey={one.measure}
              name={one.name}
              type={one.isStep ? 'stepAfter' : 'linear'}
              stroke={one.color}
              strokeWidth={1.5}
              {...(one.isDashed ? { strokeDasharray: '3 3' } : {})}
              dot={false}
              activeDot={{ r: 3, strokeWidth: 0 }}
              connectNulls={false}
              isAnimationActive={false}
            />
          ))}
        </LineChart>
      </ResponsiveContainer>
    </figure>
  )
}

interface CaptionProps {
  readonly line: ChartLine
  readonly points: readonly SeriesPoint[]
  readonly span: SeriesSpan
  readonly note: string | undefined
  readonly isTwo: boolean
}

function Caption({ line, points, span, note, isTwo }: CaptionProps) {
  const extent = extentOf(points, line.measure)
  return (
    <span className={styles.name}>
      {isTwo && <span className={styles.key} data-dashed={line.isDashed || undefined} aria-hidden />}
      {line.name}
      <span className={styles.last}>{extent?.last === undefined ? '–' : line.words(extent.last)}</span>
      {note}
      <VisuallyHidden>
        {extent
          ? `, between ${line.words(extent.lowest)} and ${line.words(extent.highest)} in the last ${span}. `
          : ', not known. '}
      </VisuallyHidden>
    </span>
  )
}
