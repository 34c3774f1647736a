import { createKeychain } from '../../../../main/adapters/data/keychain'
import { toFailure } from '../../../../main/failures'

/** Runs in a session of its own: does what each argument says (`set NAME SECRET` …) and prints what came of it. */
async function main(): Promise<void> {
  const [filePath = '', ...orders] = process.argv.slice(2)
  const keychain = createKeychain({ service: 'millwright-test', filePath, timeoutMs: 3000 })
  for (const order of orders) {
    const [verb = '', name = '', secret = ''] = order.split(' ')
    const work: Record<string, () => Promise<unknown>> = {
      kind: keychain.kind,
      consent: keychain.consentToFile,
      get: () => keychain.get(name),
      set: () => keychain.set(name, secret),
      delete: () => keychain.delete(name),
    }
    const answer = await work[verb]?.().catch((error: unknown) => toFailure(error).code)
    console.log(`${verb}: ${answer ?? '-'}`)
  }
}

main().then(() => process.exit(0))
