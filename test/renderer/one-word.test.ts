import { describe, expect, it } from 'vitest'
import { builderStates } from '../../contract/snapshot'
import { doingWords } from '../../core/status/builder-words'
import { summarise } from '../../core/status/summary'
import { stateWord } from '../../core/text/format'
import { builderMenu } from '../../main/shell/tray/builder-menu'
import { statusText } from '../../main/terminal/text/status-text'
import { stateLabel } from '../../renderer/labels/state-label'
import { aBuilder } from '../fixtures/builder'

const nowMs = Date.parse('2026-08-24T12:00:00Z')
const noBuilds = { feed: 'none', running: [], finished: [] } as const

describe('the state of a builder', () => {
  it.each(builderStates)('%s is the same words in tray, window and terminal', (state) => {
    const { runningBuilds: _, failure: __, ...plain } = aBuilder('anna')
    const builder = { ...plain, state, enabled: state !== 'paused' && state !== 'suspended' }
    const word = doingWords(builder, nowMs)
    expect(word).toContain(stateWord(state))
    expect(builderMenu(builder, undefined, nowMs)).toMatchObject({ label: `anna: ${word}` })
    expect(stateLabel(builder, undefined, nowMs).word.toLowerCase()).toContain(word.toLowerCase())
    expect(statusText({ builders: [builder], unmanaged: [], builds: noBuilds }, nowMs)).toContain(word)
  })

  it.each(builderStates)('%s is called ready in the sum only where it is in the row', (state) => {
    const isReady = state === 'ready' || state === 'building'
    const sum = summarise([{ state }, { state: 'ready' }])
    expect(sum === 'All 2 builders ready').toBe(isReady)
  })
})
