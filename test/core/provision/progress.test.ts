import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { leftThere, parseOutcome, parseStep } from '../../../core/provision/progress'
import { anyText } from '../../fixtures/arbitraries'

const nonce = 'a1b2c3d4e5f6'
const run = (words: readonly string[], code = 0, stderr = '') => ({
  code,
  stderr,
  stdout: words.map((word) => `mw-${nonce} ${word}\n`).join(''),
})

describe('a step of a running script', () => {
  it('is read from its line', () => {
    expect(parseStep(`mw-${nonce} step user start`, nonce)).toEqual({ name: 'user', state: 'start' })
    expect(parseStep(`mw-${nonce} step user done`, nonce)).toEqual({ name: 'user', state: 'done' })
  })

  it.each(['step user start', 'mw-000000000000 step user start', `mw-${nonce} step user; start`, ''])(
    'is not “%s”',
    (line) => {
      expect(parseStep(line, nonce)).toBeUndefined()
    },
  )
})

describe('the end of a script', () => {
  it('is good only when the script says so itself', () => {
    expect(parseOutcome(run(['step keys done', 'done']), nonce)).toEqual({
      ok: true,
      value: { left: [], kept: false },
    })
    expect(parseOutcome(run(['step keys done']), nonce)).toMatchObject({ ok: false })
    expect(parseOutcome(run([]), nonce)).toMatchObject({ ok: false })
    expect(parseOutcome(run(['done'], 1), nonce)).toMatchObject({ ok: false })
  })

  it('tells what was left and kept', () => {
    expect(parseOutcome(run(['left /var/lib/millwright', 'kept another', 'done']), nonce)).toEqual({
      ok: true,
      value: { left: ['/var/lib/millwright'], kept: true },
    })
  })

  it('is good also where the daemon could not be restarted, and says that it has to be', () => {
    const said = [
      'unrestarted daemon-restart no service manager here runs it',
      'left /var/lib/millwright',
      'done',
    ]
    const outcome = parseOutcome(run(said), nonce)
    if (!outcome.ok) throw new Error(outcome.failure.code)
    const [folder, daemon] = leftThere(outcome.value, 'nora')
    expect(folder).toBe('On nora: /var/lib/millwright')
    expect(daemon).toMatch(
      /^The Nix daemon on nora has not read .* \(daemon-restart no service manager .*Restart it there\.$/,
    )
    expect(leftThere({ left: [], kept: false }, 'nora')).toEqual([])
  })

  it.each([
    ['disk-full /etc', { code: 'REMOTE_DISK_FULL', facts: { path: '/etc' } }],
    ['no-such-name of old', { code: 'REMOTE_SCRIPT_FAILED', facts: { step: 'user' } }],
    ['not-root plain', { code: 'SUDO_NOT_ALLOWED', facts: { user: 'plain' } }],
    ['not-trusted-there /a belongs to b', { code: 'REMOTE_NOT_ROOTS', facts: { reason: '/a belongs to b' } }],
    ['look-differs /a is not read', { code: 'REMOTE_LOOK_DIFFERS', facts: { reason: '/a is not read' } }],
    ['group-powerful sudo', { code: 'REMOTE_GROUP_POWERFUL', facts: { group: 'sudo' } }],
    ['daemon-down sysv', { code: 'REMOTE_DAEMON_DOWN', facts: { manager: 'sysv' } }],
    ['daemon-unmanaged a = b', { code: 'REMOTE_DAEMON_UNMANAGED', facts: { line: 'a = b' } }],
    ['nix-conf bad line', { code: 'REMOTE_NIX_CONF_BROKEN', detail: 'bad line' }],
    [
      'user-failed it said no',
      { code: 'REMOTE_SCRIPT_FAILED', facts: { step: 'user' }, detail: 'user-failed: it said no' },
    ],
  ])('names the failure “%s”', (words, failure) => {
    expect(parseOutcome(run(['step user start', `error ${words}`], 1), nonce)).toMatchObject({
      ok: false,
      failure,
    })
  })

  it('names the step in which a script died without a word, with what it printed', () => {
    expect(parseOutcome(run(['step check done', 'step trust start'], 137, 'Killed'), nonce)).toEqual({
      ok: false,
      failure: { code: 'REMOTE_SCRIPT_FAILED', facts: { step: 'trust' }, detail: 'Killed' },
    })
  })

  it('takes no name of a failure for more than a name', () => {
    for (const name of ['__proto__', 'constructor', 'toString', '']) {
      expect(parseOutcome(run([`error ${name} x`], 1), nonce)).toMatchObject({
        ok: false,
        failure: { code: 'REMOTE_SCRIPT_FAILED' },
      })
    }
  })

  it('is never good by chance', () => {
    const noise = fc.record({ code: fc.nat(255), stdout: anyText, stderr: fc.string() })
    fc.assert(
      fc.property(noise, (result) => {
        expect(parseOutcome(result, nonce).ok).toBe(false)
      }),
      { numRuns: 1000 },
    )
  })
})
