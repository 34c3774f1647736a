import type { BuilderSpec } from '../../contract/builder'
import { proofName } from '../../core/builds/proof-name'

/**
 * One derivation that needs nothing but a shell: it writes the nonce, the host's name and its boot. The names
 * are `read` by the shell itself, because a sandbox has no `cat`. Every value has passed its grammar, so none
 * can end the string it stands in.
 */
export function proofExpression(
  { id, systems, mandatoryFeatures }: Pick<BuilderSpec, 'id' | 'systems' | 'mandatoryFeatures'>,
  nonce: string,
): string {
  return `derivation {
  name = "${proofName(id)}";
  system = "${systems[0]}";
  requiredSystemFeatures = [ ${mandatoryFeatures.map((name) => `"${name}"`).join(' ')} ];
  builder = "/bin/sh";
  args = [ "-c" ''
    name=- boot=-
    if [ -r /proc/sys/kernel/hostname ]; then read -r name < /proc/sys/kernel/hostname
    elif [ -x /bin/hostname ]; then name=$(/bin/hostname)
    fi
    if [ -r /proc/sys/kernel/random/boot_id ]; then read -r boot < /proc/sys/kernel/random/boot_id; fi
    printf '%s\\n' "$nonce" "$name" "$boot" > $out
  '' ];
  nonce = "${nonce}";
}`
}
