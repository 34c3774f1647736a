import type { Failure } from '../../contract/failure'
import { isFailureCode } from '../failures/rows'
import { jobRows, type StepName } from '../jobs/kinds'
import { codeFrame, errorNames, type LogFields } from './entry'

const stackLine = /^ {4}at (?:.* \()?(?:file:\/\/)?(node:[\w/]+|\/[^()]*)(:\d+:\d+)\)?$/
const mostFrames = 8

/** What of an error may be logged: its kind and where it happened, never its message. */
export function errorFields(error: unknown): Pick<LogFields, 'error' | 'at'> {
  if (!(error instanceof Error)) return { error: 'Error' }
  const known = (text: unknown) => errorNames.find((name) => name === text)
  return {
    error: ('code' in error ? known(error.code) : undefined) ?? known(error.name) ?? 'Error',
    ...placesIn(error.stack),
  }
}

/** What of a failure may be logged: its code, its step and, of an unexpected one, where it happened. */
export function failureFields({ code, step, detail }: Failure): Pick<LogFields, 'code' | 'step' | 'at'> {
  return {
    code: isFailureCode(code) ? code : 'UNEXPECTED',
    ...(isStep(step) ? { step } : {}),
    ...(code === 'UNEXPECTED' ? placesIn(detail) : {}),
  }
}

function isStep(step: string | undefined): step is StepName {
  return step !== undefined && Object.values(jobRows).some(({ steps }) => Object.hasOwn(steps, step))
}

function placesIn(stack: string | undefined): Pick<LogFields, 'at'> {
  const at = (stack ?? '').split('\n').flatMap((line) => {
    const [, file = '', place = ''] = stackLine.exec(line) ?? []
    const frame = `${file.startsWith('/') ? file.slice(file.lastIndexOf('/') + 1) : file}${place}`
    return codeFrame.test(frame) ? [frame] : []
  })
  return at.length > 0 ? { at: at.slice(0, mostFrames) } : {}
}
