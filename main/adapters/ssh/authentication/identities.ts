import ssh2, { type ParsedKey } from 'ssh2'
import { fail } from '../../../failures'
import type { Ask } from '../../../ports/ssh'
import type { ResolvedLogin } from '../config/resolve-login'
import { findCertificates } from './certificates'
import type { Identity } from './identity'
import { findKeyFileProblem } from './key-file-problem'
import { type KeyFile, readKeyFile } from './key-files'

const agentTimeoutMs = 2000
const passphraseTries = 3

/**
 * The keys to offer, the likeliest first, so that sshd's MaxAuthTries is not used up by the others: those of
 * the agent that a person named, the named files, the rest of the agent, the usual files. Certificates come before
 * all of them, as with ssh(1). Each key once.
 * Fails with KEY_FILE_UNREADABLE when the one file that was asked for cannot be used.
 */
export async function findIdentities(
  login: ResolvedLogin,
  onlyFile: string | undefined,
  homeDir: string,
  agentSocket: string | undefined,
  ask: Ask,
): Promise<readonly Identity[]> {
  const read = await Promise.all(login.identityFiles.map((path) => readKeyFile(path, homeDir)))
  const files = read.flatMap((file) => file ?? [])
  const fromAgent = agentSocket ? await listAgent(agentSocket) : []
  const isNamed = (identity: Identity) =>
    files.some(({ publicKey }) => publicKey && sameKey(publicKey, identity.publicKey))
  const fromFiles = (await Promise.all(files.map((file) => fileIdentity(file, ask)))).flatMap(
    (one) => one ?? [],
  )
  if (onlyFile !== undefined && fromFiles.length === 0 && !fromAgent.some(isNamed)) {
    const what = await findKeyFileProblem(login.identityFiles[0] ?? onlyFile)
    fail('KEY_FILE_UNREADABLE', { path: onlyFile, ...(what ? { what } : {}) })
  }
  const others = login.identitiesOnly ? [] : fromAgent.filter((identity) => !isNamed(identity))
  const ordered = login.identitiesNamed
    ? [...fromAgent.filter(isNamed), ...fromFiles, ...others]
    : [...fromAgent.filter(isNamed), ...others, ...fromFiles]
  const certificates = await findCertificates({ ...login, homeDir, agentSocket }, ordered)
  return [...certificates, ...ordered].filter(
    ({ publicKey }, at, all) => all.findIndex((one) => sameKey(one.publicKey, publicKey)) === at,
  )
}

function sameKey(one: ParsedKey, other: ParsedKey): boolean {
  return one.getPublicSSH().equals(other.getPublicSSH())
}

/** Undefined for a file without a private half, or one that the person would rather not unlock. */
async function fileIdentity(file: KeyFile, ask: Ask): Promise<Identity | undefined> {
  let unlocked = file.privateKey
  const unlock = async () => {
    unlocked ??= await askPassphrase(file, ask)
    return unlocked
  }
  // Old PEM files do not show their public half: there the passphrase comes first.
  const publicKey = file.publicKey ?? (await unlock())
  if (!publicKey || !(file.privateKey || file.decrypt)) return undefined
  return {
    label: file.label,
    publicKey,
    sign: async (data, hash) => {
      const signature: unknown = (await unlock())?.sign(data, hash)
      return Buffer.isBuffer(signature) ? signature : undefined
    },
  }
}

async function askPassphrase({ decrypt, label }: KeyFile, ask: Ask): Promise<ParsedKey | undefined> {
  for (let tries = 0; decrypt && tries < passphraseTries; tries++) {
    const answer = await ask({ kind: 'passphrase', keyFile: label, again: tries > 0 })
    if (answer.kind !== 'secret') return undefined
    const key = decrypt(answer.secret)
    if (key) return key
  }
  return decrypt ? fail('PASSPHRASE_WRONG', { path: label }) : undefined
}

/** Keys of ssh-agent(1); none when there is no agent, or none that answers. */
async function listAgent(socket: string): Promise<Identity[]> {
  const agent = ssh2.createAgent(socket)
  const keys = await new Promise<readonly ParsedKey[]>((resolve) => {
    const timer = setTimeout(resolve, agentTimeoutMs, [])
    agent.getIdentities((_, found = []) => {
      clearTimeout(timer)
      resolve(found.flatMap(toParsedKey))
    })
  })
  return keys.map((publicKey) => ({
    label: 'key from your SSH agent',
    publicKey,
    sign: (data, hash) =>
      new Promise((resolve) => {
        agent.sign(publicKey, data, hash ? { hash } : {}, (_, signature) => resolve(signature))
      }),
  }))
}

function toParsedKey(key: unknown): ParsedKey[] {
  const isKey = typeof key === 'object' && key !== null && 'getPublicSSH' in key
  const parsed: unknown = isKey ? key : Buffer.isBuffer(key) ? ssh2.utils.parseKey(key) : undefined
  return parsed instanceof Error || parsed === undefined ? [] : [parsed as ParsedKey]
}
