import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { createMonitor } from '../../main/adapters/ssh/monitor'

/**
 * Runs on a host: holds the connection to a builder as the app does, and takes so many samples for each number that
 * it reads from its input, 20 a second. Prints a line once it is connected, and one after each number. Arguments:
 * the builder as JSON, the file with the private key.
 */
const [, , builder = '', key = ''] = process.argv
const monitored = createMonitor().connect(
  JSON.parse(builder),
  readFileSync(key, 'utf8'),
  new AbortController().signal,
)

async function run(): Promise<void> {
  const { probe, close } = await monitored
  await probe()
  console.log('connected')
  for await (const count of createInterface({ input: process.stdin })) {
    for (let left = Number(count); left > 0; left--) {
      await probe()
      await setTimeout(50)
    }
    console.log('taken')
  }
  close()
}
void run()
