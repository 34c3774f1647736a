import { existsSync } from 'node:fs'
import type { Host } from '../../test/world/fleet/host'
import { run } from '../../test/world/fleet/process'

/** The X display of whoever runs the demo. */
export interface Screen {
  readonly name: string
  readonly number: string
  readonly socket: string
}

/** Undefined where there is no display, or one that is not on this machine: then a virtual one serves. */
export function findScreen(): Screen | undefined {
  const [name, number] = /^(?:unix)?:(\d+)(?:\.\d+)?$/.exec(process.env.DISPLAY ?? '') ?? []
  const socket = `/tmp/.X11-unix/X${number}`
  return name && number && existsSync(socket) ? { name, number, socket } : undefined
}

/** Where the client sees the socket: what lies in /tmp when a host starts is cleared away. */
export const socketOnHost = '/opt/display/X0'

/** Gives `dev` of the client the socket, and the key of the display, made out to any host and to the number it has there: 0. */
export async function handOver({ name }: Screen, client: Host): Promise<void> {
  await client.must(['ln', '-s', socketOnHost, '/tmp/.X11-unix/X0'])
  const { stdout } = await run(['xauth', 'nlist', name])
  const lines = stdout.split('\n').filter((line) => line !== '')
  const entries = lines.map((line) => {
    const [, addressLength, address, , , ...key] = line.split(' ')
    return ['ffff', addressLength, address, '0001', '30', ...key].join(' ') // FamilyWild of Xauth(3)
  })
  const merge = ['sh', '-c', 'umask 077; xauth -q -f ~/.Xauthority nmerge - 2>/dev/null']
  await client.must(merge, { user: 'dev', input: `${entries.join('\n')}\n` })
}
