import { describe, expect, it } from 'vitest'
import { jobKinds } from '../../../contract/commands'
import { jobRow, jobRows, stepsOf } from '../../../core/jobs/kinds'
import { jobTitle, stepWords } from '../../../core/jobs/words'

const kinds = Object.values(jobKinds)

describe('a kind of job', () => {
  it.each(kinds)('%s says what it does, in its title and in each of its steps', (kind) => {
    expect(stepsOf(kind).length).toBeGreaterThan(0)
    for (const text of [jobTitle(kind, 'otto'), jobRow(kind).doing]) expect(text).toMatch(/^[A-Z].*[^. ]$/)
    for (const step of stepsOf(kind)) {
      expect(stepWords(step, 'running')).toMatch(/^[A-Z]/)
      expect(stepWords(step, 'done')).toMatch(/^[A-Z]/)
    }
  })

  it('says the same of the same step in every kind', () => {
    for (const row of Object.values(jobRows))
      for (const [name, { todo, done }] of Object.entries(row.steps))
        expect([stepWords(name, 'waiting'), stepWords(name, 'done')]).toEqual([todo, done])
  })

  it('is started again by a command that starts this kind', () => {
    for (const kind of kinds) {
      const again = jobRow(kind).retry?.('otto')
      if (again) expect([kind, jobKinds[again.name]]).toEqual([kind, kind])
    }
  })

  it('is shown in place while it runs the one step that nobody has to watch', () => {
    for (const kind of kinds) {
      const { unwatched } = jobRow(kind)
      if (unwatched !== undefined) expect(stepsOf(kind)).toContain(unwatched)
    }
  })

  it('that is not of this version shows its step by name', () => {
    expect(stepWords('step-of-a-later-version', 'running')).toBe('step-of-a-later-version')
  })
})
