import { findInstallation } from '../../../helper/system/find-installation'
import { showConfig } from '../nix/effective-settings'
import { runProgram } from '../system/run-program'

const showDaemon = ['systemctl', 'show', '--property=Environment', '--value', 'nix-daemon.service']

/**
 * Where Nix writes its log to (`json-log-path`, Nix 2.30): by its configuration, or by that of the daemon alone, which
 * systemd gives it as NIX_CONFIG. Undefined where it writes none.
 */
export async function findLogPath(nix: string | undefined): Promise<string | undefined> {
  // A Nix that cannot read its configuration writes no log either; others tell the person.
  const shown = nix && (await showConfig(nix).catch(() => undefined))
  if (shown && shown.jsonLogPath !== undefined) return shown.jsonLogPath
  if (findInstallation().manager !== 'systemd') return undefined
  const { stdout } = await runProgram(showDaemon, { timeoutMs: 5_000 })
  return /\bjson-log-path\s*=\s*(\/[^\s"'\\]+)/.exec(stdout)?.[1]
}
