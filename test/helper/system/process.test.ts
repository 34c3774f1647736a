import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { outputOf, run } from '../../../helper/system/process'
import { temporarySystem } from '../builder'

describe('a program that the helper runs', () => {
  const system = temporarySystem()
  const sh = (script: string, timeoutMs = 10_000) => run(system, ['sh', '-c', script], { timeoutMs })

  afterAll(() => rmSync(system.top, { recursive: true }))

  it('gets nothing of the caller’s environment', async () => {
    process.env.NIX_SSHOPTS = '-oProxyCommand=evil'
    const { stdout } = await sh('env; pwd; umask')
    delete process.env.NIX_SSHOPTS
    expect(stdout).not.toContain('NIX_SSHOPTS')
    expect(stdout).toContain('PATH=/nix/var/nix/profiles/default/bin:')
    expect(stdout).toContain(`HOME=${system.home}\n`)
  })

  it('returns how it ended, whatever happens', async () => {
    expect(await sh('echo a; echo b >&2; exit 3')).toMatchObject({ status: 3, stdout: 'a\n', stderr: 'b\n' })
    expect(await run(system, ['no-such-program'], { timeoutMs: 1000 })).toMatchObject({ missing: true })
  })

  it('dies at its time-out with all that it started', async () => {
    const ran = await sh('sleep 30 & echo $!; sleep 30', 200)
    expect(ran).toMatchObject({ timedOut: true })
    expect(outputOf(ran)).toContain('did not end in time')
    const child = Number(ran.stdout)
    expect(child).toBeGreaterThan(1)
    await vi.waitFor(() => expect(isAlive(child)).toBe(false))
  })

  it('is not waited for through a service that it leaves behind', async () => {
    const start = performance.now()
    expect(await sh('sleep 8 & echo started')).toMatchObject({
      status: 0,
      stdout: 'started\n',
      timedOut: false,
    })
    expect(performance.now() - start).toBeLessThan(6000)
  })

  it('cannot fill our memory, nor a person’s terminal with escapes', async () => {
    const ran = await sh(
      "head -c 3000000 /dev/zero | tr '\\0' x; printf '\\033[31mred\\033[0m\\r\\n\\001' >&2",
    )
    expect(ran.stdout).toHaveLength(1024 * 1024)
    expect(outputOf(ran)).toBe('red\n?')
  })
})

/** A dead process whose parent does not look after it stays in the list as a zombie. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout.trim() !== '' && !stdout.trim().startsWith('Z')
}
