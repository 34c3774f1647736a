import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { defaultPrefix, programs, renderPolicy } from '../../../helper/install/install'

describe('the polkit policy', () => {
  const packaged = readFileSync('assets/polkit/org.millwright.policy', 'utf8')

  it('is the packaged file for the usual place', () => {
    expect(renderPolicy('system', '/usr/lib/millwright')).toBe(packaged)
  })

  it('never keeps an authorisation, and lets nobody but an active session in', () => {
    expect(packaged).not.toContain('_keep<')
    expect(packaged.match(/<allow_(any|inactive)>no</g)).toHaveLength(4)
    expect(packaged.match(/<allow_active>(.*)</g)).toEqual([
      '<allow_active>yes<',
      '<allow_active>auth_admin<',
    ])
  })

  it('names the programs of its own variant, with action ids of its own', () => {
    const policy = renderPolicy('development', defaultPrefix('development'))
    for (const name of programs) expect(policy).toContain(`>/usr/lib/millwright-dev/${name}<`)
    expect(policy.match(/action id="[^"]*"/g)).toEqual([
      'action id="org.millwright.dev.switch"',
      'action id="org.millwright.dev.configure"',
    ])
  })

  it('cannot be bent by the name of a folder', () => {
    expect(() => renderPolicy('system', '/x<y')).toThrow()
  })
})
