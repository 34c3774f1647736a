import { spawnSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  defaultPrefix,
  installStatus,
  layOutHelper,
  programs,
  renderPolicy,
} from '../../../helper/install/install'

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

describe('the helper of a package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-laid-out-'))
  const prefix = join(folder, 'libexec/millwright')
  const policies = join(folder, 'share/polkit-1/actions')
  beforeAll(() => {
    mkdirSync(join(folder, 'built'))
    for (const name of programs) writeFileSync(join(folder, 'built', name), `console.log('${name} runs')\n`)
    layOutHelper({ prefix, programs: join(folder, 'built'), node: process.execPath, policies })
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('is laid out whole without root, on a Node that stays where it is', () => {
    const names = ['install.json', 'millwright-answers', ...programs, 'node', 'package.json']
    expect(readdirSync(prefix).sort()).toEqual(names.sort())
    expect(readlinkSync(join(prefix, 'node'))).toBe(process.execPath)
    for (const name of programs)
      expect(spawnSync(join(prefix, name), { encoding: 'utf8' }).stdout).toBe(`${name} runs\n`)
  })

  it('has a policy that names it where it lies', () => {
    expect(readFileSync(join(policies, 'org.millwright.policy'), 'utf8')).toBe(renderPolicy('system', prefix))
  })

  it.runIf(process.getuid?.() === 0)('has nothing in it that is not as it was laid out', () => {
    const { problems } = installStatus({ variant: 'system', prefix })
    expect(problems.filter((problem) => problem.includes('not as it was'))).toEqual([])
  })

  it('is refused a place that a script of sh(1) cannot name plainly', () => {
    const plan = { programs: folder, node: process.execPath, policies }
    expect(() => layOutHelper({ ...plan, prefix: join(folder, 'a b') })).toThrow('plainly')
    expect(() => layOutHelper({ ...plan, prefix: 'libexec' })).toThrow('plainly')
  })
})
