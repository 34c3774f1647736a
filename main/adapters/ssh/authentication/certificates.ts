import ssh2, { type ParsedKey } from 'ssh2'
import { parseCertificate } from '../../../../core/ssh/certificate'
import { listAgentBlobs, signByAgent } from './agent-certificates'
import type { Identity } from './identity'
import { fileLabel, readSmallFile } from './key-files'

/** A certificate of the person (CERTIFICATES in ssh-keygen(1)). */
interface UserCertificate {
  readonly label: string
  readonly blob: Buffer
  /** Of the key that it is for. */
  readonly keyType: string
  /** That key's blob, Base64. */
  readonly key: string
  /** What the agent holds under the certificate itself it also signs with. */
  readonly agentSocket?: string
}

interface Sources {
  /** `CertificateFile`. */
  readonly certificateFiles: readonly string[]
  /** Beside each of them ssh looks for `FILE-cert.pub`. */
  readonly identityFiles: readonly string[]
  readonly homeDir: string
  readonly agentSocket: string | undefined
}

/** The person's certificates, each as an identity of its own, with the key of it that signs. */
export async function findCertificates(
  { certificateFiles, identityFiles, homeDir, agentSocket }: Sources,
  keys: readonly Identity[],
): Promise<readonly Identity[]> {
  const paths = [...certificateFiles, ...identityFiles.map((path) => `${path}-cert.pub`)]
  const fromFiles = await Promise.all(
    [...new Set(paths)].map(async (path) => {
      const text = (await readSmallFile(path))?.trim().split(/\s+/)[1] ?? ''
      return toCertificate(text, fileLabel(path, homeDir))
    }),
  )
  const blobs = agentSocket === undefined ? [] : await listAgentBlobs(agentSocket)
  const fromAgent = blobs.map((blob) => {
    const certificate = toCertificate(blob.toString('base64'), 'certificate from your SSH agent')
    return certificate && agentSocket !== undefined ? { ...certificate, agentSocket } : certificate
  })
  return [...fromFiles, ...fromAgent].flatMap((one) => (one ? toIdentity(one, keys) : []))
}

function toCertificate(base64: string, label: string): UserCertificate | undefined {
  const read = parseCertificate(base64)
  if (read?.isFor !== 'user') return undefined
  return { label, blob: Buffer.from(base64, 'base64'), keyType: read.keyType, key: read.key }
}

function toIdentity(certificate: UserCertificate, keys: readonly Identity[]): Identity[] {
  const { agentSocket, blob, key, keyType, label } = certificate
  const own = keys.find(({ publicKey }) => publicKey.getPublicSSH().toString('base64') === key)
  const isRsa = keyType === 'ssh-rsa'
  const sign: Identity['sign'] | undefined =
    own !== undefined
      ? (data) => own.sign(data, isRsa ? 'sha512' : undefined)
      : agentSocket === undefined
        ? undefined
        : (data) => signByAgent(agentSocket, blob, data)
  if (!sign) return []
  const bare = ssh2.utils.parseKey(`${keyType} ${key}`)
  if (bare instanceof Error) return []
  const type = `${isRsa ? 'rsa-sha2-512' : keyType}-cert-v01@openssh.com`
  // What ssh2 takes for a key: it asks it for no more than its kind and its blob, as something else signs.
  const publicKey: ParsedKey = Object.assign(Object.create(bare), { type, getPublicSSH: () => blob })
  return [{ label, publicKey, sign }]
}
