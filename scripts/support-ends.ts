/**
 * The day after which a line gets no more fixes. Node's are those of its release schedule. Electron supports its three
 * newest lines, and one comes every eight weeks: 24 weeks after the line's first release (`npm view electron time`).
 */
export const supportEnds = {
  node: { '22': '2027-04-30', '24': '2028-04-30', '26': '2029-04-30' },
  electron: { '43': '2026-12-16', '44': '2027-02-09', '45': '2027-04-07' },
} as const

export type Runtime = keyof typeof supportEnds

/** How long before its end a line has to be left: Node is raised by hand on each platform, Electron by a number. */
const noticeDays = { node: 60, electron: 30 } as const
const dayMs = 24 * 60 * 60_000

const whatToDo = {
  node: `In scripts/setup/node-pins.mjs, set nodeMajor to the next line with long-term support, and for each platform the
newest version of its package with its sum (npm view NAME@VERSION dist.integrity); set oldestRuntime in the helper's
installer to the same line; then run every test: npm test.`,
  electron: `Raise it: npm install --save-dev --save-exact electron@latest; then run every test: npm test.`,
} as const

/** Says what to raise and how once the end of a line is near, or when nobody has written down when it ends. */
export function supportProblem(runtime: Runtime, version: string, now: Date): string | undefined {
  const major = version.split('.')[0] ?? ''
  const ends: Readonly<Record<string, string>> = supportEnds[runtime]
  const end = ends[major]
  const name = `${runtime === 'node' ? 'Node' : 'Electron'} ${major}`
  if (!end)
    return `Nobody has written down until when ${name} is supported: add it to scripts/support-ends.ts.`
  const daysLeft = Math.floor((Date.parse(end) - now.getTime()) / dayMs)
  if (daysLeft >= noticeDays[runtime]) return undefined
  const when =
    daysLeft < 0 ? `has had no support since ${end}` : `is supported until ${end}, ${daysLeft} days more`
  return `${name} ${when}. ${whatToDo[runtime]}`
}
