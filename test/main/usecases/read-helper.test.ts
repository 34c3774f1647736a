import { describe, expect, it } from 'vitest'
import type { HelperStatus } from '../../../contract/helper'
import { protocolVersions } from '../../../contract/version'
import { FailureError } from '../../../main/failures'
import { readHelper } from '../../../main/usecases/status/read-helper'

const status: HelperStatus = {
  ...{ version: '0.1.0', initialised: true, generation: 3, generations: [], remoteOnly: false },
  ...{ builders: [], files: [], foreign: [], warnings: [] },
}
const helperThat = (says: () => HelperStatus) => ({
  inspect: async () => ({ state: 'ready', way: 'pkexec', installCommand: 'install' }) as const,
  status: async () => says(),
})

describe('the helper that is installed', () => {
  it.each([
    ['the first version, which does not say so', {}, 'outdated'],
    ['this version', { protocol: protocolVersions.helper }, 'ready'],
    ['a later one', { protocol: protocolVersions.helper + 1 }, 'ready'],
  ] as const)('is shown with what it says, of %s', async (_, more, state) => {
    const { view, status: read } = await readHelper(helperThat(() => ({ ...status, ...more })))
    expect(view).toMatchObject({ state, version: '0.1.0', generation: 3, installCommand: 'install' })
    expect(read).toMatchObject(status)
  })

  it('is outdated where a later one wrote root’s files', async () => {
    const helper = helperThat(() => {
      throw new FailureError({ code: 'HELPER_OUTDATED', facts: {} })
    })
    expect(await readHelper(helper)).toMatchObject({ view: { state: 'outdated' }, status: undefined })
  })
})
