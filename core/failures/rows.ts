import { helper } from './helper'
import { helperSystem } from './helper-system'
import { local } from './local'
import { login } from './login'
import { ownSsh } from './own-ssh'
import { proof } from './proof'
import { reaching } from './reaching'
import { refusals } from './refusals'
import { remote } from './remote'
import { remoteRoot } from './remote-root'
import { watching } from './watching'
import { work } from './work'

/** Every way in which Millwright can fail, one row each; everything else about failures is derived from it. */
export const failureRows = {
  ...reaching,
  ...ownSsh,
  ...refusals,
  ...login,
  ...remote,
  ...remoteRoot,
  ...local,
  ...helper,
  ...helperSystem,
  ...proof,
  ...watching,
  ...work,
}

export type FailureCode = keyof typeof failureRows

export const failureCodes = Object.keys(failureRows) as readonly FailureCode[]

/** Whether a code, which is a plain string where it comes from another process or version, is that of a row. */
export function isFailureCode(code: string): code is FailureCode {
  return Object.hasOwn(failureRows, code)
}
