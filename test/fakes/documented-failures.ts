import type { FailureCode } from '../../core/failures/rows'

/**
 * Every call to the world with the failures that its port documents, those first that a flow treats in a way of its
 * own. None: it never fails. The walks take their rows from here.
 */
export const documentedFailures = {
  'ssh.open': ['UNREACHABLE'],
  'ssh.readHostKey': ['UNREACHABLE'],
  'ssh.remember': ['DATA_UNWRITABLE'],
  'ssh.close': [],
  'remote.inspect': ['CONNECTION_LOST'],
  'remote.check': ['REMOTE_DISK_FULL', 'CONNECTION_LOST'],
  'remote.scripts': ['REMOTE_DISK_FULL', 'CONNECTION_LOST'],
  'remote.user': ['REMOTE_SCRIPT_FAILED'],
  'remote.trust': ['REMOTE_NIX_CONF_BROKEN'],
  'remote.daemon': ['REMOTE_SCRIPT_FAILED'],
  'remote.keys': ['REMOTE_DISK_FULL', 'CONNECTION_LOST'],
  'remote.drop-keys': ['CONNECTION_LOST'],
  'remote.drop-trust': ['REMOTE_SCRIPT_FAILED'],
  'remote.drop-user': ['REMOTE_SCRIPT_FAILED'],
  'remote.drop-files': ['CONNECTION_LOST'],
  'remote.make-signing-key': ['REMOTE_SCRIPT_FAILED', 'CONNECTION_LOST'],
  'remote.sign': ['CONNECTION_LOST'],
  'remote.drop-signing-key': ['CONNECTION_LOST'],
  'remote.rekey': ['REMOTE_DISK_FULL', 'CONNECTION_LOST'],
  'jump.grant': ['CONNECTION_LOST'],
  'jump.revoke': ['CONNECTION_LOST'],
  'helper.inspect': [],
  'helper.install': ['AUTHORISATION_DISMISSED'],
  'helper.status': ['HELPER_FAILED'],
  'helper.daemon': [],
  'helper.put-back': ['AUTHORISATION_DISMISSED'],
  'helper.set-enabled': ['HELPER_BUSY'],
  'helper.set-many-enabled': ['HELPER_BUSY'],
  'helper.ping': ['PING_FAILED'],
  'helper.ping-line': ['UNREACHABLE'],
  'helper.prove': ['BUILD_FAILED', 'PING_FAILED'],
  'helper.put-builder': ['AUTHORISATION_DISMISSED'],
  'helper.adopt-line': ['UNREACHABLE', 'AUTHORISATION_DISMISSED'],
  'helper.remove-builder': ['AUTHORISATION_DISMISSED'],
  'helper.set-mode': ['AUTHORISATION_DISMISSED'],
  'helper.set-substituter': ['AUTHORISATION_DISMISSED'],
  'helper.set-shared': ['SHARING_FAILED'],
  'helper.make-new-key': ['AUTHORISATION_DISMISSED'],
  'helper.use-new-key': ['BUILD_FAILED', 'PING_FAILED'],
  'helper.drop-new-key': ['HELPER_BUSY'],
  'helper.rollback': ['AUTHORISATION_DISMISSED'],
  'helper.refresh': [],
  'helper.uninstall': ['AUTHORISATION_DISMISSED'],
  'helper.clear-quarantine': ['AUTHORISATION_DISMISSED'],
  'keychain.kind': [],
  'keychain.consentToFile': ['DATA_UNWRITABLE'],
  'keychain.get': ['KEYCHAIN_UNAVAILABLE'],
  'keychain.set': ['KEYCHAIN_UNAVAILABLE'],
  'keychain.delete': ['KEYCHAIN_UNAVAILABLE'],
  'records.read': ['DATA_UNWRITABLE'],
  'records.write': ['DATA_UNWRITABLE'],
  'receipts.read': ['DATA_UNWRITABLE'],
  'receipts.write': ['DATA_UNWRITABLE'],
  'local.nix': ['LOCAL_NIX_CONF_BROKEN', 'LOCAL_NIX_FILE_UNFIT', 'LOCAL_NIX_SILENT'],
  'local.settings': ['LOCAL_NIX_CONF_BROKEN', 'LOCAL_NIX_FILE_UNFIT', 'LOCAL_NIX_SILENT'],
  'local.speedScore': [],
  'local.identity': [],
  'local.reachable': [],
  'userConf.read': [],
  'userConf.update': ['USER_CONF_READ_ONLY'],
  'slots.taken': [],
  'collect.count': ['COLLECT_FAILED'],
  'collect.collect': ['CONNECTION_LOST'],
  'monitor.connect': ['UNREACHABLE'],
  'monitor.probe': ['CONNECTION_LOST'],
  'preferences.read': [],
  'preferences.write': ['DATA_UNWRITABLE'],
  'autostart.read': [],
  'autostart.set': ['AUTOSTART_FAILED'],
} as const satisfies Readonly<Record<string, readonly FailureCode[]>>

export type CallName = keyof typeof documentedFailures

/** What fails together when it fails for good: a network, the way to root, a full disk, else each for itself. */
const areas: Readonly<Record<string, RegExp>> = {
  network: /^(ssh(?!\.remember)|remote|jump|collect|monitor)\./,
  root: /^helper\.(?!status|inspect|daemon)/,
  disk: /^(records|receipts|preferences)\.write$/,
  keychain: /^keychain\./,
}

export function areaOf(name: CallName): string {
  return Object.keys(areas).find((area) => areas[area]?.test(name)) ?? name
}
