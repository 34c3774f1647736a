import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { proofExpression } from '../../../helper/operations/proof-expression'
import { builder } from '../builder'

describe('the derivation of a proof', () => {
  const expression = proofExpression(
    { ...builder('anna'), mandatoryFeatures: ['kvm', 'big-parallel'] },
    'f00',
  )

  it('asks for the builder’s first system and for what it insists on', () => {
    expect(expression).toContain('system = "x86_64-linux";')
    expect(expression).toContain('requiredSystemFeatures = [ "kvm" "big-parallel" ];')
  })

  it('writes nonce, host and boot with nothing but a shell', () => {
    const folder = mkdtempSync(join(tmpdir(), 'millwright-proof-'))
    const script = /''\n([\s\S]*)''/.exec(expression)?.[1] ?? ''
    const out = join(folder, 'out')
    const { status } = spawnSync('/bin/sh', ['-c', script], { env: { out, nonce: 'f00', PATH: '/nowhere' } })
    expect(status).toBe(0)
    const [nonce, name, boot] = readFileSync(out, 'utf8').split('\n')
    expect([nonce, name]).toEqual(['f00', hostname()])
    expect(boot).not.toBe('')
    rmSync(folder, { recursive: true })
  })
})
