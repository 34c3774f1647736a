import { randomInt } from 'node:crypto'
import type { Clock } from '../../ports/local'

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** The time and chance of this computer. */
export function createClock(): Clock {
  return {
    now: () => new Date(),
    newId: () => Array.from({ length: 12 }, () => letters[randomInt(letters.length)]).join(''),
  }
}
