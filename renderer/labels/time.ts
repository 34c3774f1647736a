const secondMs = 1000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** `40 s`, `12 min`, `6 h`, `2 days`: for what is not worth two units. */
export function roughly(ms: number): string {
  if (ms < minuteMs) return `${Math.max(1, Math.round(ms / secondMs))} s`
  if (ms < hourMs) return `${Math.round(ms / minuteMs)} min`
  if (ms < 2 * dayMs) return `${Math.round(ms / hourMs)} h`
  return `${Math.round(ms / dayMs)} days`
}

/** `0.8 ms`, `11 ms`, `1.2 s`: how long an answer took. */
export function formatLatency(ms: number): string {
  if (ms < 9.95) return `${ms.toFixed(1)} ms`
  if (ms < 999.5) return `${Math.round(ms)} ms`
  return `${(ms / secondMs).toFixed(1)} s`
}
