import { expect, it } from 'vitest'
import { whyNixFailed } from '../../../core/causes/why-nix-failed'
import { createFailure } from '../../../core/failures/failure'
import { failureWords } from '../../../core/failures/words'

const target = { host: '10.0.0.7', port: '22', user: 'nixremote', alias: 'millwright-anna' }
const afterwards = [
  'Connection closed by UNKNOWN port 65535',
  "cannot build on 'ssh-ng://millwright-anna': error: failed to start SSH connection to 'millwright-anna'",
]
const reasonOf = (line: string) => whyNixFailed([line, ...afterwards].join('\n'), { of: 'build', target })

it('what the guard says instead of a login is that the builder does not answer', () => {
  const line = 'Millwright did not try anna: it did not answer 12 s ago.'
  expect(reasonOf(line)).toMatchObject({ reason: 'unreachable', said: { by: 'Millwright', line } })
})

it('what it says of the machine before the builder is that the way is blocked', () => {
  expect(reasonOf('Millwright did not try anna: 10.0.0.8 did not answer 0 s ago.').reason).toBe(
    'jump-blocked',
  )
})

it('the same within other words says nothing', () => {
  expect(reasonOf('echo Millwright did not try anna: it did not answer 12 s ago.').reason).toBe('unknown')
})

it('what the guard says is Millwright’s own sentence, and nothing that ssh says', () => {
  const said = 'Millwright did not try anna: it did not answer 12 s ago.'
  const { cause } = failureWords(createFailure('UNREACHABLE', { host: 'anna', said }))
  expect(cause.startsWith(`${said} It may be asleep`)).toBe(true)
})
