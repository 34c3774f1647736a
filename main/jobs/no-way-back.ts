import { fail } from '../failures'

/** For the undo of what can only be gone on with: it has not been taken back, so its sentence is said. */
export function noWayBack(): never {
  fail('UNEXPECTED', {}, 'There is no way back.')
}
