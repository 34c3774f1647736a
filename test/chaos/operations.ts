export const adding = 'add easy@NAME --identity /tmp/key --trust-new-host-key --yes'

/** What a person may ask for at the terminal; `NAME` is one of the builders. Those that change most come most often. */
export const operations: readonly string[] = [
  adding,
  adding,
  adding,
  'remove NAME --yes',
  'pause NAME',
  'resume NAME',
  'test NAME',
  'remote-only on --everyone',
  'remote-only off --everyone',
  'local-only on',
  'local-only off',
  'substituter NAME on --everyone --yes',
  'substituter NAME off --everyone --yes',
  'rollback',
  'status',
  'files',
]
