import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import ssh2, { type ServerChannel } from 'ssh2'
import { aKeyPair } from '../fixtures/key-pair'

/**
 * Runs on a host: so many builders in one process, a port each from the given one on. They take any key, answer the
 * probe as `remote/probe.sh` does, and hand root's handshake to this host's own Nix. Prints their host key once all
 * listen. Arguments: the first port, how many.
 */
const [firstPort, count] = process.argv.slice(2).map(Number) as [number, number]
const hostKey = aKeyPair()
const startedMs = Date.now()
const GiB = 2 ** 30

let samples = 0

/** Another load each time, so that each sample is one to be shown. */
function sample(port: number): string {
  const seconds = Math.floor(Date.now() / 1000)
  const load = (1 + (samples++ % 97) / 16).toFixed(2)
  const free = 100 * GiB - (seconds % 3600) * 1024 * 1024
  return [
    ` boot=00000000-0000-0000-0000-${String(port).padStart(12, '0')} up=${seconds - Math.floor(startedMs / 1000)}`,
    `load1=${load} cpus=8 cpuPsi=0.00 memPsi=0.00 mem=${16 * GiB} memFree=${9 * GiB}`,
    `store=${400 * GiB} storeFree=${free} buildFree=${free} nix=2.8.0 builds=0 clock=${seconds} names=\n`,
  ].join(' ')
}

function answer(command: string, port: number, stream: ServerChannel): void {
  stream.on('error', () => undefined)
  if (command === 'nix-daemon --stdio') {
    const daemon = spawn('nix-daemon', ['--stdio'], { stdio: ['pipe', 'pipe', 'ignore'] })
    stream.pipe(daemon.stdin.on('error', () => undefined))
    daemon.stdout.pipe(stream)
    stream.on('close', () => daemon.kill())
    return
  }
  stream.write('millwright-probe 2\n')
  createInterface({ input: stream }).on('line', () => {
    stream.write('2')
    stream.write(sample(port))
  })
}

function listen(port: number): Promise<void> {
  const server = new ssh2.Server({ hostKeys: [hostKey.private] }, (connection) => {
    connection.on('error', () => undefined)
    connection.on('authentication', (context) => {
      if (context.method === 'publickey') context.accept()
      else context.reject(['publickey'])
    })
    connection.on('session', (accept) => {
      accept().on('exec', (acceptExec, _, { command }) => answer(command, port, acceptExec()))
    })
  })
  return new Promise((resolve) => server.listen(port, resolve))
}

void Promise.all(Array.from({ length: count }, (_, n) => listen(firstPort + n))).then(() =>
  console.log(hostKey.public.split(' ').slice(0, 2).join(' ')),
)
