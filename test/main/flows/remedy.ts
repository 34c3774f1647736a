import { FailureError } from '../../../main/failures'
import type { Stage } from './stage'

/** Runs the command that a sentence about what is left behind names, as a person would in a terminal. */
export async function runRemedy({ app }: Stage, sentence: string): Promise<void> {
  const [, line = ''] =
    /millwright ((?:remove|resume|rotate-key|substituter|local-only|remote-only) [^.,:]+)/.exec(sentence) ??
    []
  const [verb, id = '', ...options] = line.split(' ')
  try {
    if (verb === 'remove')
      await app.run(app.handlers['remove-builder']({ id, localOnly: options.includes('--local-only') }))
    if (verb === 'resume') await app.run(app.handlers['resume-builder']({ id }))
    if (verb === 'rotate-key') await app.run(app.handlers['rotate-key']({ id }))
    if (verb === 'substituter' && options.includes('off'))
      await app.run(app.handlers['withdraw-substituter']({ id }))
    if (verb === 'substituter' && options.includes('on'))
      await app.run(app.handlers['use-substituter']({ id, scope: 'me', on: true }))
    if (verb === 'remote-only')
      await app.run(app.handlers['set-mode']({ mode: 'remote-only', scope: 'me', on: id === 'on' }))
    if (verb === 'local-only')
      await app.run(app.handlers['set-mode']({ mode: 'local-only', scope: 'me', on: id === 'on' }))
  } catch (error) {
    // An earlier command of the list may have seen to it already.
    if (!(error instanceof FailureError)) throw error
  }
}
