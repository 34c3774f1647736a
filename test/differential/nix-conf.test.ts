import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addLastInclude, parseNixConf, renderOwnNixConf } from '../../core/nix/nix-conf'
import type { NixVersion } from '../../core/nix/nix-version'
import { badLineWords, missingIncludeWords } from './nix-conf-words'
import { bare, nixSandbox, nixVersion } from './nix-sandbox'

const names = ['builders', 'user-agent-suffix', 'netrc-file', 'bash-prompt']
const setting = fc
  .tuple(
    fc.constantFrom('', ' ', '\t'),
    fc.constantFrom(...names),
    fc.constantFrom(' = ', '  =\t', ' ='),
    fc.constantFrom('', 'a', ' a   b', '"q" x', 'a = b', 'a # note', '@/x;@/y', 'ü', 'x\r', 'a;b'),
  )
  .map((parts) => parts.join(''))
const text = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: setting },
      { weight: 3, arbitrary: fc.constantFrom('', '  ', '# note', '#', '!include none', ' # x = y') },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          'cores=4',
          'word',
          'cores =4',
          'include',
          '!include a b',
          'include none',
          '= x',
        ),
      },
    ),
    { maxLength: 6 },
  )
  .chain((lines) => fc.constantFrom('', '\n').map((end) => lines.join('\n') + end))

describe.skipIf(!nixVersion)('the nix.conf reader of the Nix on this machine', { timeout: 60_000 }, () => {
  const version = nixVersion as NixVersion

  it('reads 100 files as we do, and refuses what we refuse in the same words', () => {
    const nix = nixSandbox()
    const file = join(nix.folder, 'conf/nix.conf')
    const defaults = JSON.parse(nix.showConfig('').stdout)
    let refused = 0
    fc.assert(
      fc.property(text, (conf) => {
        const { settings, includes, problems } = parseNixConf(conf, file)
        const { stdout, stderr } = nix.showConfig(conf)
        const missing = includes.find(({ optional }) => !optional)
        const [first] = problems
        if (missing && (!first || missing.line < first.line)) {
          refused++
          expect(bare(stderr)).toContain(
            bare(missingIncludeWords(join(nix.folder, 'conf', missing.path), file)),
          )
        } else if (first) {
          refused++
          expect(bare(stderr)).toContain(bare(badLineWords(first, version)))
        } else {
          const shown = JSON.parse(stdout)
          for (const name of names) {
            const last = settings.filter((one) => one.name === name).at(-1)
            expect(shown[name].value).toBe(last ? last.value : defaults[name].value)
          }
        }
      }),
      { numRuns: 100 },
    )
    expect(refused).toBeGreaterThan(5)
  })

  it('lets our included file have the last word, beside what was there', () => {
    const nix = nixSandbox()
    const own = join(nix.folder, 'own/nix.conf')
    mkdirSync(join(nix.folder, 'own'))
    writeFileSync(
      own,
      renderOwnNixConf({
        existingBuilders: '@/etc/nix/machines',
        machinesPath: '/m/machines',
        remoteOnly: true,
        buildersUseSubstitutes: true,
      }),
    )
    for (const before of ['', 'max-jobs = 4', 'builders = x\ncores = 3\n', '# no newline at the end']) {
      const shown = JSON.parse(nix.showConfig(addLastInclude(before, own)).stdout)
      expect(shown.builders.value).toBe('@/etc/nix/machines;@/m/machines')
      expect(shown['builders-use-substitutes'].value).toBe(true)
      expect(shown['max-jobs'].value).toBe(0)
    }
    expect(JSON.parse(nix.showConfig(addLastInclude('cores = 3\n', own)).stdout).cores.value).toBe(3)
  })
})
