import { createHmac } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createNixLog } from '../../core/builds/nix-log'
import { heardLines } from '../../core/causes/heard-lines'
import { whyNixFailed } from '../../core/causes/why-nix-failed'
import { parseProbe } from '../../core/health/probe-line'
import { readForeignMachines } from '../../core/nix/foreign-machines'
import { parseNixConf } from '../../core/nix/nix-conf'
import { parseUserConf } from '../../core/nix/user-conf'
import { parseInspection } from '../../core/provision/inspect'
import { parseReport } from '../../core/provision/report'
import { parseAddress } from '../../core/ssh/address'
import { parseCertificate } from '../../core/ssh/certificate'
import { parseConfigLines, parseMatch } from '../../core/ssh/config-lines'
import { matchHost, parseKnownHosts } from '../../core/ssh/known-hosts'
import { matchesPatternList } from '../../core/ssh/patterns'
import { parsePublicKeyLine } from '../../core/ssh/public-key'
import { parseSshOptions } from '../../main/adapters/ssh/config/ask-ssh'
import { matchesGlob } from '../../main/adapters/ssh/config/glob'
import { seededRandom } from '../fixtures/seeded-random'
import { mutate } from './mutate'

/** A couple of seconds in all; longer by hand: `FUZZ_MS=60000`, another sequence by `FUZZ_SEED=7`. */
const fuzzMs = Number(process.env.FUZZ_MS ?? 2_500)
const seed = Number(process.env.FUZZ_SEED ?? 1)
/** On a busy machine; what grows with the square of its input takes seconds. */
const mostMs = (text: string) => 100 + (15 * text.length) / 1024

const hmac = (salt: Uint8Array, name: string) => createHmac('sha1', salt).update(name).digest()

const parsers: Readonly<Record<string, (text: string) => unknown>> = {
  'ssh-config': (text) =>
    parseConfigLines(text).map(({ words }) => [
      parseMatch(words).length,
      matchesPatternList(words, 'anna.lan'),
      matchesGlob(words[0] ?? '', 'anna.conf'),
    ]),
  'known-hosts': (text) => matchHost(parseKnownHosts(text), '[otto]:2222', hmac),
  'ssh-options': parseSshOptions,
  certificates: (text) => [parseCertificate(text), parsePublicKeyLine(`ssh-ed25519 ${text}`)],
  probe: parseProbe,
  report: (text) => [
    parseReport(text, 'abc123'),
    parseInspection({ code: 0, stdout: text, stderr: text }, 'abc123'),
  ],
  machines: (text) => [readForeignMachines(text, 'old'), readForeignMachines(text, 'new')],
  'nix-conf': (text) => [parseNixConf(text, '/etc/nix/nix.conf'), parseUserConf(text)],
  'nix-log': (text) => {
    const log = createNixLog()
    for (const line of text.split('\n')) log.take(line)
    return [log.running(), log.takeEnded()]
  },
  addresses: parseAddress,
  causes: (text) => [
    heardLines(text),
    whyNixFailed(text, { of: 'handshake', target: { host: 'otto', port: '22' } }),
  ],
}

const root = join(import.meta.dirname, '../fixtures/corpora')

/** The quickest of three, as others may have had the machine meanwhile. */
function timeMs(parse: (text: string) => unknown, text: string): number {
  let quickest = Number.POSITIVE_INFINITY
  for (let tries = 0; tries < 3 && quickest > mostMs(text); tries++) {
    const startMs = performance.now()
    parse(text)
    quickest = Math.min(quickest, performance.now() - startMs)
  }
  return quickest
}

describe('what strangers write', () => {
  it('has a corpus for each parser', () => {
    expect(readdirSync(root).sort()).toEqual(Object.keys(parsers).sort())
  })

  it.each(Object.entries(parsers))('is read without a throw, and quickly: %s', (name, parse) => {
    const folder = join(root, name)
    const corpus = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'))
    const random = seededRandom(seed)
    const untilMs = performance.now() + fuzzMs / Object.keys(parsers).length
    let text = ''
    try {
      for (text of corpus) expect(timeMs(parse, text)).toBeLessThan(mostMs(text))
      while (performance.now() < untilMs) {
        text = mutate(corpus, random)
        const tookMs = timeMs(parse, text)
        if (tookMs > mostMs(text)) throw new Error(`${Math.round(tookMs)} ms for ${text.length} letters`)
      }
    } catch (error) {
      throw new Error(`${name}, FUZZ_SEED=${seed}: ${JSON.stringify(text.slice(0, 2000))}`, { cause: error })
    }
  })
})
