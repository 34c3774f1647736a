import type { HelperStatus } from '../../../contract/helper'
import type { HelperView } from '../../../contract/snapshot'
import { protocolVersions } from '../../../contract/version'
import { toFailure } from '../../failures'
import type { HelperPort } from '../../ports/helper'

/** The helper as it is installed, and what it says of root's files. Never fails. */
export async function readHelper(
  helper: Pick<HelperPort, 'inspect' | 'status'>,
): Promise<{ readonly view: HelperView; readonly status: HelperStatus | undefined }> {
  const seen = await helper.inspect()
  if (seen.state === 'missing') return { view: { ...seen, warnings: [] }, status: undefined }
  try {
    const status = await helper.status()
    const { version, generation, warnings } = status
    const view = { ...seen, version, ...(generation === undefined ? {} : { generation }), warnings }
    return { view: isOutdated(status) ? { ...view, state: 'outdated' } : view, status }
  } catch (error) {
    const { detail, code } = toFailure(error)
    if (code === 'HELPER_OUTDATED')
      return { view: { ...seen, state: 'outdated', warnings: [] }, status: undefined }
    return { view: { ...seen, warnings: [detail ?? code] }, status: undefined }
  }
}

/** A helper of the first version does not say which it is of. */
function isOutdated({ protocol = 1 }: HelperStatus): boolean {
  return protocol < protocolVersions.helper
}
