import type { HelperPort } from '../../ports/helper'

/** Root's files, or the person's own where the store is theirs; looked at anew, as another Nix may be installed meanwhile. */
export function createWhereItIsKept(root: HelperPort, own: HelperPort, isOwn: () => boolean): HelperPort {
  const here = () => (isOwn() ? own : root)
  return {
    inspect: () => here().inspect(),
    status: () => here().status(),
    daemon: (options) => here().daemon(options),
    call: (request, options) => here().call(request, options),
    install: (signal) => here().install(signal),
  }
}
