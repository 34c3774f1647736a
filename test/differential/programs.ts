import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Whether a program stands on PATH; tests that need a missing one are skipped by name. */
export function hasProgram(name: string): boolean {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, name)))
}

/** A folder of the test's own, gone with it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-differential-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface Ran {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end, with no more environment than given. */
export function run(
  program: string,
  args: readonly string[],
  options: { readonly input?: string | Uint8Array; readonly env?: NodeJS.ProcessEnv } = {},
): Ran {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    input: options.input ?? '',
    env: options.env ?? { PATH: process.env.PATH },
    encoding: 'utf8',
    timeout: 30_000,
    maxBuffer: 64 * 2 ** 20,
  })
  if (error) throw error
  return { status, stdout, stderr }
}
