import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hasProgram } from '../../differential/programs'

const script = readFileSync(join(import.meta.dirname, '../../../helper/guard/millwright-answers.sh'), 'utf8')
const shells = [['dash'], ['bash', '--posix'], ['busybox', 'sh']].filter(([program = '']) =>
  hasProgram(program),
)
/** Nobody is there, and nothing comes back (RFC 5737, TEST-NET-1): a guard that asked would take seconds. */
const nowhere = ['192.0.2.77', '22'] as const

interface Answer {
  readonly code: number | null
  readonly stderr: string
}

function ended(child: ChildProcess): Promise<Answer> {
  return new Promise((resolve) => {
    let stderr = ''
    child.stderr?.on('data', (chunk) => {
      stderr += chunk
    })
    child.on('close', (code) => resolve({ code, stderr }))
  })
}

describe.skipIf(!existsSync('/proc/uptime')).each(shells)(
  'the guard of the builders, run by %s',
  (...shell) => {
    let folder: string
    let stamps: string
    let servers: Server[]

    const start = (args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess =>
      spawn(shell[0] ?? '', [...shell.slice(1), join(folder, 'millwright-answers'), ...args], { env })
    const run = (args: readonly string[], env?: NodeJS.ProcessEnv) => ended(start(args, env))
    const ask = (id: string, [host, port]: readonly [string, string] = nowhere, env?: NodeJS.ProcessEnv) =>
      run(['ask', id, host, port], env)
    const stamp = (id: string) => join(stamps, id)
    const now = () => Math.floor(Number.parseFloat(readFileSync('/proc/uptime', 'utf8')))
    const write = (id: string, text: string) => {
      mkdirSync(stamps, { recursive: true })
      writeFileSync(stamp(id), text)
    }
    /** Listens on a port of its own, and counts who comes. */
    const listen = async (greeting: string | undefined) => {
      let count = 0
      const server = createServer((socket) => {
        count++
        if (greeting !== undefined) socket.write(greeting)
      })
      servers.push(server)
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as AddressInfo
      return { at: ['127.0.0.1', String(port)] as const, count: () => count }
    }

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'millwright-guard-'))
      stamps = join(folder, 'millwright/answers')
      servers = []
      writeFileSync(
        join(folder, 'millwright-answers'),
        script.replace('run=/run\n', `run=${folder}\n`).replace('PATH=', `PATH=${folder}:`),
      )
      symlinkSync(process.execPath, join(folder, 'node'))
    })

    afterEach(() => {
      for (const server of servers) server.close()
      rmSync(folder, { recursive: true, force: true })
    })

    it('lets a login through to one that answers, and asks it no more for a while', async () => {
      const anna = await listen('SSH-2.0-x\r\n')
      expect((await ask('anna', anna.at)).code).toBe(1)
      expect(readFileSync(stamp('anna'), 'utf8')).toMatch(/^alive \d+\n$/)
      expect((await ask('anna', anna.at)).code).toBe(1)
      expect(anna.count()).toBe(1)
    })

    it('leaves to ssh what is refused at once, and what no name stands for', async () => {
      expect((await ask('anna', ['127.0.0.1', '1'])).code).toBe(1)
      expect((await ask('otto', ['nobody.invalid', '22'])).code).toBe(1)
    })

    it('lets one of forty logins ask one that says nothing, keeps all from it, and says why', async () => {
      const hung = await listen(undefined)
      const all = await Promise.all(Array.from({ length: 40 }, () => ask('anna', hung.at)))
      expect(all.map(({ code }) => code)).toEqual(all.map(() => 0))
      expect((await ask('anna', hung.at)).code).toBe(0)
      expect(hung.count()).toBe(1)
      const said = await run(['say', 'anna'])
      expect(said.code).toBe(1)
      expect(said.stderr).toMatch(/^Millwright did not try anna: it did not answer \d+ s ago\.\n$/)
      const behind = await run(['say', 'anna', '10.0.0.8'])
      expect(behind.stderr).toMatch(/^Millwright did not try anna: 10\.0\.0\.8 did not answer \d+ s ago\.\n$/)
    })

    it.each([
      ['nothing more comes from it', 'echo "$in" >&2; exec sleep 20', 0, /^dead \d+ beyond\n$/],
      ['there is no way to it', 'echo "$in" >&2; echo "$no No route to host" >&2', 0, /^dead \d+ beyond\n$/],
      ['it refuses', 'echo "$in" >&2; echo "$no Connection refused" >&2; exit 255', 1, /^alive \d+\n$/],
      ['it answers', 'echo "$in" >&2; echo SSH-2.0-x; exec sleep 20', 1, /^alive \d+\n$/],
      ['the login in between takes long', 'exec sleep 20', 1, /^alive \d+\n$/],
      ['there is no ssh', 'exit 127', 1, /^alive \d+\n$/],
    ])('asks a builder beyond a machine that answers: %s', async (_, does, code, is) => {
      const gate = await listen('SSH-2.0-x\r\n')
      const words =
        'in="Authenticated to gate ([10.0.0.8]:22) using publickey." no="channel 0: open failed: connect failed:"'
      const check =
        '[ "$MILLWRIGHT_GUARD $*" = "off -oBatchMode=yes -oLogLevel=VERBOSE -W [otto]:22 millwright-far.jump" ] || exit 9'
      writeFileSync(join(folder, 'ssh'), `#!/bin/sh\n${check}\n${words}\n${does}\n`, { mode: 0o755 })
      const answer = await run(['ask', 'far', ...gate.at, 'millwright-far.jump', 'otto', '22'])
      expect(answer.code).toBe(code)
      expect(readFileSync(stamp('far'), 'utf8')).toMatch(is)
      const { stderr } = await run(['say', 'far', '10.0.0.8'])
      if (code === 0) expect(stderr).toMatch(/^Millwright did not try far: it did not answer \d s ago\.\n$/)
    })

    it.each([
      ['is dead for half a minute', () => `dead ${now() - 25}\n`, 0],
      ['is alive for ten seconds', () => `alive ${now() - 5}\n`, 1],
    ])('believes a stamp: a builder %s', async (_, text, code) => {
      write('anna', text())
      const answer = await ask('anna')
      expect(answer.code).toBe(code)
      expect(existsSync(join(stamps, '.anna.asking'))).toBe(false)
    })

    it.each([
      ['is too old', () => `dead ${now() - 31}\n`],
      ['is of a clock that was set back since', () => `dead ${now() + 500}\n`],
      ['is no stamp', () => 'rubbish; rm -rf /\n'],
      ['is cut short', () => 'dead'],
      ['is empty', () => ''],
      ['holds no number', () => 'dead 1e9\n'],
    ])('asks anew where the stamp %s', async (_, text) => {
      const anna = await listen('SSH-2.0-x\r\n')
      write('anna', text())
      expect((await ask('anna', anna.at)).code).toBe(1)
      expect(anna.count()).toBe(1)
      expect(readFileSync(stamp('anna'), 'utf8')).toMatch(/^alive \d+\n$/)
    })

    it('is not held up by one that was killed while it asked', async () => {
      const anna = await listen('SSH-2.0-x\r\n')
      write('.anna.asking', `${now() - 7}\n`)
      expect((await ask('anna', anna.at)).code).toBe(1)
      expect(anna.count()).toBe(1)
    })

    it('lets a login through where it is told to, whatever the stamp says', async () => {
      write('anna', `dead ${now()}\n`)
      expect((await ask('anna', nowhere, { MILLWRIGHT_GUARD: 'off' })).code).toBe(1)
    })

    it('lets every login through, and asks nobody, where it can note nothing', async () => {
      const anna = await listen(undefined)
      writeFileSync(join(folder, 'millwright'), 'in the way')
      expect((await ask('anna', anna.at)).code).toBe(1)
      expect(anna.count()).toBe(0)
    })

    it('lets every login through, and waits for nobody, where the disk is full', async () => {
      const anna = await listen(undefined)
      mkdirSync(stamps, { recursive: true })
      const full = [
        '-c',
        'trap "" XFSZ; ulimit -f 0; exec "$@"',
        'sh',
        ...shell,
        join(folder, 'millwright-answers'),
      ]
      const from = performance.now()
      const { code } = await ended(spawn('sh', [...full, 'ask', 'anna', ...anna.at]))
      expect(code).toBe(1)
      expect(performance.now() - from).toBeLessThan(3000)
      expect(anna.count()).toBe(0)
    })

    it('lets every login through without its Node', async () => {
      rmSync(join(folder, 'node'))
      expect((await ask('anna')).code).toBe(1)
      expect(existsSync(stamp('anna'))).toBe(false)
    })

    it('writes what nobody else can change', async () => {
      const anna = await listen('SSH-2.0-x\r\n')
      await ask('anna', anna.at)
      const { stdout } = await shellOf(`ls -ld ${folder}/millwright ${stamps} ${stamp('anna')}`)
      expect(stdout.match(/^[d-]r.{8}/gm)).toEqual(['drwxr-xr-x', 'drwxr-xr-x', '-rw-r--r--'])
    })
  },
)

function shellOf(text: string): Promise<{ readonly stdout: string }> {
  return new Promise((resolve) => {
    const child = spawn('sh', ['-c', text])
    let stdout = ''
    child.stdout.on('data', (chunk) => {
      stdout += chunk
    })
    child.on('close', () => resolve({ stdout }))
  })
}
