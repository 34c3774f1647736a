import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ProvisionParameters } from '../../../contract/remote'
import { parseOutcome } from '../../../core/provision/progress'
import {
  parseOffer,
  parseSigning,
  type SubstituterAct,
  substituterScript,
} from '../../../core/provision/substituter'
import { until } from '../fleet/process'
import { derivation } from '../kit/derivation'
import { type Machines, newNonce, openMachines, scripts } from '../kit/remote-kit'

const isRoot = process.getuid?.() === 0
type Hosts = 'anna'
const key = '/var/lib/millwright/signing-key'

describe.skipIf(!isRoot)('a builder’s signing key (needs root on Debian 12: sudo npm test -- world)', () => {
  let side: Machines<Hosts>
  let parameters: ProvisionParameters

  const anna = () => side.fleet.host('anna')
  const act = async (
    what: SubstituterAct,
    options: { stopAt?: RegExp; restart?: 'when-idle' | 'always'; of?: typeof parameters } = {},
  ) => {
    const { stopAt, restart = 'when-idle', of = parameters } = options
    const nonce = newNonce()
    const script = substituterScript(scripts, of, { act: what, restart, ownsUntagged: true }, nonce)
    const result = await (await side.far('anna', 'root')).run(script, true, stopAt)
    const outcome = what === 'offer' ? parseOffer(result, nonce) : parseOutcome(result, nonce)
    const progress = result.stdout.split('\n').flatMap((line) => parseSigning(line, nonce) ?? [])
    return { outcome, progress }
  }
  const offer = async (of = parameters) => {
    const { outcome } = await act('offer', { of })
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.failure))
    return outcome.value as string
  }
  /** Builds on anna itself, as an ordinary user; returns the signatures that Nix keeps with the path. */
  const buildThere = async () => {
    await anna().writeFile('/tmp/there.nix', derivation())
    const out = (
      await anna().must(['nix-build', '--no-out-link', '/tmp/there.nix'], { user: 'plain' })
    ).trim()
    return { out, signatures: await signaturesOf(out) }
  }
  const signaturesOf = (path: string) =>
    anna().must(['nix', '--extra-experimental-features', 'nix-command', 'path-info', '--sigs', path])

  beforeAll(async () => {
    side = await openMachines({ anna: 'builder' })
    parameters = await (await side.far('anna', 'root')).provision(side.install)
  })

  afterAll(() => side?.close())

  it('is made there, is root’s alone, and signs what is built from then on', async () => {
    const before = await side.tree('anna')
    const publicKey = await offer()
    expect(publicKey).toMatch(/^millwright-anna-[0-9a-f]{8}-1:/)
    expect(await anna().must(['stat', '-c', '%a %U', key])).toBe('600 root\n')
    expect((await buildThere()).signatures).toContain(`${publicKey.split(':')[0]}:`)
    expect(await offer()).toBe(publicKey)
    expect((await act('withdraw')).outcome).toMatchObject({ ok: true })
    expect((await buildThere()).signatures).not.toContain('millwright-')
    expect(await side.tree('anna')).toEqual(before)
  })

  it('signs what was there before, and goes on where it was cut', async () => {
    const script =
      '( for i in $(seq 90); do echo $i >$TMPDIR/p$i; nix-store --add $TMPDIR/p$i; done ) >/dev/null'
    await anna().must(['sh', '-c', `export TMPDIR=/tmp; ${script}`])
    const texts = Array.from({ length: 90 }, (_, index) => `d${index}`)
    const many = texts.map((name) => derivation({ script: `echo ${name} >$out` }))
    await anna().writeFile('/tmp/many.nix', `[ ${many.map((one) => `(${one})`).join('\n')} ]`)
    const outs = (
      await anna().must(['nix-build', '--no-out-link', '/tmp/many.nix'], { user: 'plain' })
    ).split('\n')
    const publicKey = await offer()
    const cut = await act('sign', { stopAt: /progress [2-9][0-9] / })
    expect(cut.outcome.ok).toBe(false)
    const again = await act('sign')
    expect(again.outcome).toMatchObject({ ok: true })
    expect(again.progress[0]?.done).toBeGreaterThan(0)
    const { done, total } = again.progress.at(-1) ?? { done: 0, total: 1 }
    expect(done).toBe(total)
    expect(total).toBeGreaterThanOrEqual(90)
    for (const out of [outs[0], outs[89]])
      expect(await signaturesOf(out ?? '')).toContain(publicKey.split(':')[0])
    expect((await act('sign')).progress).toEqual([{ done, total }])
    await act('withdraw')
  })

  it('waits for consent while something builds, and lets it end', async () => {
    await anna().writeFile(
      '/tmp/long.nix',
      derivation({ script: 'while [ ! -e /tmp/go ]; do read -t 1 _; done; echo >$out' }),
    )
    const building = anna().exec(['nix-build', '--no-out-link', '/tmp/long.nix'], {
      user: 'plain',
      timeoutMs: 50_000,
    })
    await until('it builds', async () => (await anna().exec(['pgrep', '-u', 'nixbld1'])).code === 0)
    const refused = await act('offer')
    expect(refused.outcome).toMatchObject({ ok: false, failure: { code: 'BUILDS_RUNNING' } })
    expect((await anna().exec(['test', '-e', key])).code).toBe(1)
    expect((await act('offer', { restart: 'always' })).outcome).toMatchObject({ ok: true })
    await anna().must(['touch', '/tmp/go'])
    expect(await building).toMatchObject({ code: 0 })
    await act('withdraw')
  })

  it('stays while another installation wants it, and goes with the last', async () => {
    const other = await side.newInstall()
    const machine = await side.far('anna', 'root')
    const before = await side.tree('anna')
    const others = await machine.provision(other)
    const both = await side.tree('anna')
    const publicKey = await offer()
    expect(await offer(others)).toBe(publicKey)
    await act('withdraw')
    expect((await buildThere()).signatures).toContain(publicKey.split(':')[0])
    await act('withdraw', { of: others })
    expect(await side.tree('anna')).toEqual(both)
    await offer(others)
    expect(await machine.unprovision(others)).toMatchObject({ ok: true })
    expect(await side.tree('anna')).toEqual(before)
  })

  it('killed at any step it is taken back wholly, alone or with the builder', async () => {
    const machine = await side.far('anna', 'root')
    const before = await side.tree('anna')
    for (const line of [
      'step key start',
      'step daemon start',
      'step daemon done',
      'step key done',
      'public-key',
    ]) {
      await act('offer', { stopAt: new RegExp(line) })
      expect((await act('withdraw')).outcome, line).toMatchObject({ ok: true })
      expect(await side.tree('anna'), line).toEqual(before)
    }
    await offer()
    for (const line of ['step key start', 'step daemon start', 'step daemon done']) {
      await act('withdraw', { stopAt: new RegExp(line) })
    }
    expect((await act('withdraw')).outcome).toMatchObject({ ok: true })
    expect(await side.tree('anna')).toEqual(before)
    await offer()
    expect(await machine.unprovision(parameters)).toMatchObject({ ok: true })
    expect((await anna().exec(['test', '-e', '/var/lib/millwright'])).code).toBe(1)
  }, 60_000)
})
