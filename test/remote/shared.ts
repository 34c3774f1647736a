import { assemble } from '../../core/scripts/assemble'
import { remoteFiles } from '../world/kit/remote-kit'

/** All that whatever changes a builder is put together from, without what it then does. */
export const shared = assemble(
  (remoteFiles['unprovision.sh']?.match(/^#include .*$/gm) ?? []).join('\n'),
  remoteFiles,
)
