import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  emptyUserSettings,
  excludeUserConf,
  includesUserConf,
  includeUserConf,
  parseUserConf,
  parseUserConfOrigin,
  renderUserConf,
} from '../../../core/nix/user-conf'
import { messyText, thousand } from '../../fixtures/arbitraries'

const settings = fc.record({
  remoteOnly: fc.boolean(),
  localOnly: fc.boolean(),
  substituters: fc.array(
    fc.stringMatching(/^ssh-ng:\/\/millwright-[a-z0-9-]{1,9}(\?priority=[1-9][0-9])?$/),
    {
      maxLength: 4,
    },
  ),
})
const origin = fc.record({ nixConf: fc.boolean(), folders: fc.nat({ max: 9 }) })

describe('the file of ours beside the person’s nix.conf', () => {
  it('is read back as it was meant, whatever was made with it', () => {
    fc.assert(
      fc.property(settings, origin, (wanted, made) => {
        const text = renderUserConf(wanted, made)
        expect(parseUserConf(text)).toEqual(wanted)
        if (text !== '') expect(parseUserConfOrigin(text)).toEqual(made)
      }),
      thousand,
    )
  })

  it('is empty with nothing set, and then it need not be there', () => {
    expect(renderUserConf(emptyUserSettings, { nixConf: true, folders: 2 })).toBe('')
  })

  it('says what Nix reads', () => {
    expect(
      renderUserConf({ remoteOnly: true, localOnly: false, substituters: ['ssh-ng://a', 'ssh-ng://b'] }),
    ).toBe('# Written by Millwright.\nmax-jobs = 0\nextra-substituters = ssh-ng://a ssh-ng://b\n')
    expect(renderUserConf({ ...emptyUserSettings, localOnly: true })).toBe(
      '# Written by Millwright.\nbuilders =\n',
    )
  })

  it('is not mistaken for a switch when somebody set something else in it', () => {
    expect(parseUserConf('max-jobs = 4\nbuilders = ssh://a\n')).toEqual(emptyUserSettings)
    expect(parseUserConf('garbage')).toEqual(emptyUserSettings)
  })
})

describe('our line in the person’s nix.conf', () => {
  it('is added once and taken back to the last byte', () => {
    fc.assert(
      fc.property(messyText, (text) => {
        fc.pre(!includesUserConf(text))
        const added = includeUserConf(text)
        expect(includesUserConf(added)).toBe(true)
        expect(includeUserConf(added)).toBe(added)
        expect(excludeUserConf(added)).toBe(text)
      }),
      thousand,
    )
  })
})
