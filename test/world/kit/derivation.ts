import { randomBytes } from 'node:crypto'

export interface DerivationOptions {
  /** Part of the store path; letters, digits and `+-._?=`. */
  readonly name?: string
  readonly system?: string
  readonly requiredSystemFeatures?: readonly string[]
  /** Shell text with built-ins only, as there is no nixpkgs; must write `$out`. */
  readonly script?: string
}

/** The system of the machine that runs the tests, as Nix names it. */
export const thisSystem = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux`

/** Writes the name of the host that builds it, so that the output proves where it was built. */
export const writeBuildersName = 'read -r host </proc/sys/kernel/hostname; echo "$host" >$out'

/** The text of a Nix file with one small derivation that nobody has built before. */
export function derivation(options: DerivationOptions = {}): string {
  const {
    name = 'probe',
    system = thisSystem,
    requiredSystemFeatures = [],
    script = writeBuildersName,
  } = options
  const features = requiredSystemFeatures.map(quote).join(' ')
  return `derivation {
  name = ${quote(name)};
  system = ${quote(system)};
  builder = "/bin/sh";
  args = [ "-c" ${quote(script)} ];
  requiredSystemFeatures = [ ${features} ];
  nonce = ${quote(randomBytes(16).toString('hex'))};
}
`
}

/** A Nix string: backslash, quote and `${`, which would begin an antiquotation, are escaped. */
function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('${', '\\${')}"`
}
