import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { createBuilder } from 'vite'
import {
  type HelperLine,
  type HelperRequest,
  type HelperResult,
  HelperLine as Line,
  programOf,
} from '../../../contract/helper'
import type { Host } from '../fleet/host'
import { nodeOnHost } from '../fleet/on-host'
import type { Finished } from '../fleet/process'

const files = ['millwright-switch', 'millwright-configure', 'install.mjs']
const prefix = '/usr/lib/millwright'

export const helperProgram = {
  switch: `${prefix}/millwright-switch`,
  configure: `${prefix}/millwright-configure`,
} as const

let bundles: Promise<Readonly<Record<string, string>>> | undefined

/** The three bundles as `npm run build` makes them, made from the sources as they are now. */
export function bundleHelper(): Promise<Readonly<Record<string, string>>> {
  bundles ??= bundle()
  return bundles
}

async function bundle(): Promise<Record<string, string>> {
  const outDir = mkdtempSync(join(tmpdir(), 'millwright-helper-'))
  try {
    const build = { build: { outDir } }
    const configFile = join(import.meta.dirname, '../../../vite.helper.config.ts')
    const environments = { switch: build, configure: build, install: build }
    await (await createBuilder({ configFile, environments, logLevel: 'error' })).buildApp()
    return Object.fromEntries(files.map((name) => [name, readFileSync(join(outDir, name), 'utf8')]))
  } finally {
    rmSync(outDir, { recursive: true })
  }
}

/** Installs the helper on a host as `millwright helper install` does, with the Node that runs the tests. */
export async function installHelperOn(host: Host, options: readonly string[] = []): Promise<Finished> {
  for (const [name, text] of Object.entries(await bundleHelper())) {
    await host.writeFile(`/opt/millwright/helper/${name}`, text)
  }
  return await host.exec([nodeOnHost, '/opt/millwright/helper/install.mjs', 'install', ...options])
}

/** Sends one request as root and returns the result line; every line is checked against the contract. */
export async function callHelper(host: Host, request: HelperRequest): Promise<HelperResult> {
  return resultOf(await host.exec([`${prefix}/${programOf(request.op)}`], { input: JSON.stringify(request) }))
}

/** The last line, which must be the only result. Throws what was said when there is none. */
export function resultOf({ stdout, stderr }: Finished): HelperResult {
  const lines = helperLines(stdout)
  const results = lines.filter((line) => line.type === 'result')
  const [result] = results
  if (!result || results.length > 1 || lines.at(-1) !== result) {
    throw new Error(`not one result at the end: ${stdout}${stderr}`)
  }
  return result
}

export function helperLines(stdout: string): HelperLine[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => v.parse(Line, JSON.parse(line)))
}
