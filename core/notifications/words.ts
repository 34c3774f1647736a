import type { Navigation } from '../../contract/api'
import type { FinishedBuild } from '../../contract/builds'
import type { BuilderView } from '../../contract/snapshot'
import { createFailure } from '../failures/failure'
import { failureWords } from '../failures/words'
import { lost } from '../status/summary'
import { formatDuration } from '../text/format'

export type NoticeKind = 'lost' | 'back' | 'host-key' | 'disk-low'

/** What the desktop shows in a corner for a while. */
export interface Notice {
  readonly kind: NoticeKind | 'long-build'
  /** A newer notice about any of these takes the place of an older one. */
  readonly about: readonly string[]
  readonly title: string
  readonly body: string
  /** Where a click on it leads. */
  readonly navigation: Navigation
}

type Subject = Pick<BuilderView, 'id' | 'state' | 'failure' | 'health'>
type Words = Pick<Notice, 'title' | 'body'>

/** One notice on a change of one or several builders, of `all`. */
export function noticeOf(kind: NoticeKind, builders: readonly Subject[], all: number): Notice {
  const [only, ...others] = builders
  const isOne = only !== undefined && others.length === 0
  return {
    kind,
    about: builders.map(({ id }) => id),
    ...(isOne ? wordsForOne[kind](only) : wordsForMany(kind, builders, builders.length === all)),
    navigation: isOne ? { to: 'builder', id: only.id } : { to: 'builders' },
  }
}

const wordsForOne: Readonly<Record<NoticeKind, (builder: Subject) => Words>> = {
  lost: (builder) => {
    const { id, state, health } = builder
    // Beside what Nix has to say of it, only its health says why it is lost.
    const { title, cause } = whyOf(health?.failure ? { ...builder, failure: health.failure } : builder)
    return {
      title:
        lost.includes(state) || (health && lost.includes(health.state)) ? `${id} does not answer` : title,
      body: state === 'suspended' ? 'Nix builds elsewhere until it is back.' : cause,
    }
  },
  back: ({ id }) => ({ title: `${id} is back`, body: 'Builds go there again.' }),
  'host-key': ({ id }) => ({
    title: `${id} shows another host key`,
    body: 'It may be another machine. Compare the keys before you let builds go there again.',
  }),
  'disk-low': (builder) => {
    const { title, cause } = whyOf(builder)
    return { title, body: cause }
  },
}

function whyOf({ id, failure, state }: Subject) {
  const code = state === 'disk-low' ? 'REMOTE_DISK_LOW' : 'UNREACHABLE'
  const known = failure ?? createFailure(code, { builder: id })
  return failureWords({ ...known, facts: { builder: id, ...known.facts } })
}

const deeds: Readonly<Record<NoticeKind, string>> = {
  lost: 'do not answer',
  back: 'are back',
  'host-key': 'show another host key',
  'disk-low': 'are running out of space',
}

function wordsForMany(kind: NoticeKind, builders: readonly Subject[], isAll: boolean): Words {
  const guess = kind === 'lost' && isAll ? ' Is this computer’s network gone?' : ''
  return {
    title: `${builders.length} builders ${deeds[kind]}`,
    body: `${listed(builders.map(({ id }) => id))}.${guess}`,
  }
}

/** `anna, bert and otto`; `anna, bert, carl and 9 more`. */
function listed(names: readonly string[]): string {
  const first = names.slice(0, names.length > 4 ? 3 : names.length - 1)
  const rest = names.length - first.length
  return `${first.join(', ')} and ${rest > 1 ? `${rest} more` : names.at(-1)}`
}

const outcomes = { built: 'is built', failed: 'could not be built', unknown: 'has ended' } as const

/** One notice on one or several builds that took long. */
export function longBuildNotice(builds: readonly FinishedBuild[]): Notice {
  const [only, ...others] = builds
  const place = { kind: 'long-build', about: ['builds'], navigation: { to: 'builds' } } as const
  if (!only || others.length > 0)
    return {
      ...place,
      title: `${builds.length} long builds have ended`,
      body: `${listed(builds.map(({ name }) => name))}.`,
    }
  const { name, outcome, durationMs, builder } = only
  return {
    ...place,
    title: `${name || 'A build'} ${outcomes[outcome]}`,
    body: `It took ${formatDuration(durationMs)}${builder === undefined ? '' : ` on ${builder}`}.`,
  }
}
