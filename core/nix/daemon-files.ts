/**
 * What runs the Nix daemon, where there is one: units of systemd, scripts of System V’s init, daemons of launchd. One of
 * them means an installation for many users, whether or not its daemon runs now.
 */
export const daemonFiles: readonly string[] = [
  '/etc/systemd/system/nix-daemon.service',
  '/run/systemd/system/nix-daemon.service',
  '/usr/lib/systemd/system/nix-daemon.service',
  '/lib/systemd/system/nix-daemon.service',
  '/etc/init.d/nix-daemon',
  '/etc/rc.d/nix-daemon',
  '/Library/LaunchDaemons/org.nixos.nix-daemon.plist',
  '/Library/LaunchDaemons/systems.determinate.nix-daemon.plist',
]
