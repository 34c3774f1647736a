import { describe, expect, it } from 'vitest'
import { parseRootAnswer } from '../../../core/login/root-answer'

describe('what a tool says instead of making somebody root', () => {
  // Seen on Debian 12, 13 and forky (sudo 1.9.13 to 1.9.17, OpenDoas 6.8.2, util-linux 2.38 to 2.42), but for the marked.
  it.each([
    ['refused', 'plain is not in the sudoers file.'],
    ['refused', "Sorry, user plain is not allowed to execute '/bin/sh -c :' as root on anna."],
    ['wrong', 'Sorry, try again.\nsudo: no password was provided\nsudo: 1 incorrect password attempt'],
    ['asks', 'sudo: a password is required'],
    ['refused', 'doas: Operation not permitted'],
    ['asks', 'doas: Authentication required'],
    ['wrong', 'Password: su: Authentication failure'.slice('Password: '.length)],
    // As their sources have it.
    ['refused', 'plain is not in the sudoers file.  This incident will be reported.'],
    ['refused', "I'm sorry plain. I'm afraid I can't do that"],
    ['wrong', 'doas: Authentication failed'],
    ['refused', 'su: Permission denied'],
  ] as const)('%s: %s', (means, text) => {
    expect(parseRootAnswer(`Welcome!\n${text}\n`)).toMatchObject({ means })
  })

  it.each([
    'sudo: unable to resolve host anna',
    'sudo: account validation failure, is your account locked?',
    'note: plain is not in the sudoers file. Ask Anna.',
    'sudo: a password is required, said the motd',
    'Sorry, user plain',
    '',
  ])('takes “%s” for no answer', (text) => {
    expect(parseRootAnswer(text)).toBeUndefined()
  })
})
