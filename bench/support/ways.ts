import type { Host } from '../../test/world/fleet/host'
import { nodeOnHost, projectOnHost } from '../../test/world/fleet/on-host'

/** Somebody who can log in to the builder with root's key of the client, and become root there. */
export interface Login {
  readonly user: string
  /** What sudo asks for on the builder; undefined where it asks for nothing. */
  readonly sudoPassword?: string
}

/** Where the proving derivation was built, as its own output says. */
export interface Evidence {
  readonly builtOn: string
  readonly outPath: string
}

/** One way of turning a machine into a builder, run as root on the client. */
export interface Way {
  /** What has to be on the client before; not measured. */
  prepare?(client: Host): Promise<void>
  command(login: Login, builder: string): { readonly argv: readonly string[]; readonly input?: string }
  evidence(stdout: string): Evidence
  /** Milliseconds of each step, where the way tells. */
  steps?(stdout: string): Readonly<Record<string, number>>
}

const cli = [nodeOnHost, `${projectOnHost}/out/main/cli.js`]
const passwordLine = ({ sudoPassword }: Login) =>
  sudoPassword === undefined ? {} : { input: `${sudoPassword}\n` }

const millwright: Way = {
  prepare: async (client) => {
    await client.must([...cli, 'helper', 'install'])
  },
  command: (login, builder) => ({
    argv: [
      ...[...cli, 'add', `${login.user}@${builder}`, '--json', '--yes', '--trust-new-host-key'],
      ...(login.sudoPassword === undefined ? [] : ['--sudo-password-stdin']),
    ],
    ...passwordLine(login),
  }),
  evidence: (stdout) => {
    const { proof } = lines(stdout).at(-1) as { proof?: Evidence }
    if (!proof) throw new Error(`no proof: ${stdout}`)
    return proof
  },
  steps: (stdout) =>
    Object.fromEntries(
      lines(stdout).flatMap(({ step, ms }) => (typeof ms === 'number' ? [[String(step), ms]] : [])),
    ),
}

/** Run well: one play, one pipelined and shared connection, no facts gathered (ansible/ansible.cfg). */
const ansible: Way = {
  command: (login, builder) => {
    const folder = `${projectOnHost}/bench`
    const values = { login: login.user, builder, bench: folder, ansible_host: builder }
    // It takes the password from a file that it can open twice.
    const withPassword = 'umask 077; cat >/run/become; exec "$@" --become-password-file /run/become'
    return {
      argv: [
        ...(login.sudoPassword === undefined ? [] : ['sh', '-c', withPassword, 'become']),
        ...['env', `ANSIBLE_CONFIG=${folder}/ansible/ansible.cfg`, 'ansible-playbook'],
        ...['-i', 'builder,', '-e', JSON.stringify(values), `${folder}/ansible/add.yml`],
      ],
      ...passwordLine(login),
    }
  },
  evidence: proofLine,
}

const script: Way = {
  command: (login, builder) => ({
    argv: [`${projectOnHost}/bench/support/wiki.sh`, login.user, builder],
    ...passwordLine(login),
  }),
  evidence: proofLine,
}

/** In the order in which a table shows them. */
export const ways = { millwright, ansible, script } as const
export type WayName = keyof typeof ways
export const wayNames = Object.keys(ways) as WayName[]

function lines(stdout: string): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

/** What prove.sh says. */
function proofLine(stdout: string): Evidence {
  const [, builtOn, outPath] = /built on (\S+): ([\w./+-]+)/.exec(stdout) ?? []
  if (!builtOn || !outPath) throw new Error(`no proof: ${stdout}`)
  return { builtOn, outPath }
}
