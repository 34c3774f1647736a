import type { RemoteFacts } from '../../contract/remote'

/** What is known of a machine that nobody has looked at, or whose look is lost. */
export const noFacts: RemoteFacts = {
  ...{ hostName: '', user: '', uid: 0, groups: [], home: '', kernel: '', architecture: '', osName: '' },
  ...{
    init: 'other',
    cpus: 0,
    memoryBytes: 0,
    storeFreeBytes: 0,
    kvm: false,
    root: 'none',
    runningBuilds: 0,
  },
  ...{ accounts: [], keys: [], scripts: [], fragment: [] },
}
