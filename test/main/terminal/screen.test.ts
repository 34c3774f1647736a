import { expect, test } from 'vitest'
import { canDrawOver } from '../../../main/terminal/screen'

const terminal = { isTTY: true, columns: 80, rows: 24 }

test.each([
  ['a terminal', terminal, { TERM: 'xterm' }, true],
  ['a terminal without colour', terminal, { TERM: 'xterm', NO_COLOR: '1' }, true],
  ['one that knows no cursor', terminal, { TERM: 'dumb' }, false],
  ['one without a size', { ...terminal, columns: 0, rows: 0 }, { TERM: 'xterm' }, false],
  ['a pipe', {}, { TERM: 'xterm' }, false],
])('%s can be drawn over or not', (_what, stream, env, can) => {
  expect(canDrawOver(stream, env)).toBe(can)
})
