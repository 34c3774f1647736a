import type { Host } from '../world/fleet/host'
import type { Finished } from '../world/fleet/process'
import { millwright } from '../world/kit/terminal'

/** Lines of a person's, which must still be in nix.conf. */
export const edits = async (client: Host): Promise<readonly string[]> =>
  (await client.readFile('/etc/nix/nix.conf')).split('\n').filter((line) => /^# chaos-/.test(line))

/** What holds after every operation, whatever happened meanwhile; returns a sentence for each that does not. */
export async function brokenInvariants(client: Host, wantedEdits: readonly string[]): Promise<string[]> {
  const broken: string[] = []
  const fails = (sentence: string) => void broken.push(sentence)

  const config = await client.exec(['nix', '--extra-experimental-features', 'nix-command', 'show-config'], {
    user: 'dev',
  })
  if (config.code !== 0) fails(`Nix cannot read its configuration: ${config.stderr}`)
  const daemon = await client.exec(['nix', '--extra-experimental-features', 'nix-command', 'store', 'ping'], {
    user: 'dev',
  })
  if (daemon.code !== 0) fails(`the Nix daemon of this computer does not answer: ${daemon.stderr}`)

  const list = await millwright(client, 'list --json')
  for (const id of idsIn(list, fails)) {
    const ssh = await client.exec(['ssh', '-G', `millwright-${id}`])
    if (ssh.code !== 0) fails(`ssh cannot read its configuration for ${id}: ${ssh.stderr}`)
  }

  const open = await client.sh(
    `find /etc/nix/millwright /var/lib/millwright -path '*keys*' -type f -perm /077 ! -name '*.pub' 2>/dev/null`,
  )
  if (open.stdout !== '') fails(`keys that others can read: ${open.stdout}`)

  const kept = await edits(client)
  const lost = wantedEdits.filter((line) => kept.filter((one) => one === line).length !== 1)
  if (lost.length > 0) fails(`edits of nix.conf that are lost, or there twice: ${lost.join(', ')}`)
  return broken
}

function idsIn({ code, stdout, stderr }: Finished, fails: (sentence: string) => void): string[] {
  try {
    const { builders } = JSON.parse(stdout) as { builders: { id: string }[] }
    if (code !== 0 && code !== 1) fails(`list ends with ${code}`)
    return builders.map(({ id }) => id)
  } catch {
    // What it printed instead is the evidence.
    fails(`list --json prints ${JSON.stringify(stdout)} and ${JSON.stringify(stderr)}`)
    return []
  }
}

/** What no operation may end with; returns a sentence for each. */
export function brokenEnding({ code, stdout, stderr }: Finished, isKilled: boolean): string[] {
  const said = `${stdout}\n${stderr}`
  const trace = /^ {4}at .*$/m.exec(said)?.[0]
  const isKnown = isKilled || [0, 1, 3, 4, 130].includes(code ?? -1)
  return [
    ...(isKnown ? [] : [`ends with ${code}: ${said}`]),
    ...(trace === undefined ? [] : [`prints a stack trace: ${said}`]),
    ...(said.includes('a case it does not know') ? [`does not know why it failed: ${said}`] : []),
  ]
}
