import { sshAlias } from './alias'

/** Where the service that holds connections finds its things. */
export interface ControlMasterPaths {
  /** The OpenSSH client. */
  readonly ssh: string
  readonly sshConfig: string
  /** The folder of the sockets, root's alone. */
  readonly sockets: string
}

/** The name of one builder's service, as systemctl(1) and launchctl(1) know it. */
export function controlMasterName(platform: 'linux' | 'darwin', id: string): string {
  return platform === 'darwin' ? `org.millwright.master.${id}` : `millwright-master@${id}.service`
}

/**
 * A dead network must be noticed sooner than by a connection of its own: every build through it waits. A stale
 * socket would keep ssh(1) from listening, so it goes first.
 */
function command({ ssh, sshConfig, sockets }: ControlMasterPaths, id: string): string[] {
  const options = {
    ControlMaster: 'yes',
    ControlPersist: 'no',
    ControlPath: `${sockets}/${id}`,
    ServerAliveInterval: '5',
    ServerAliveCountMax: '2',
  }
  const given = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  return [ssh, '-F', sshConfig, ...given, '-N', '-T', sshAlias(id)]
}

/**
 * MILLWRIGHT_GUARD: a connection that is to come back by itself asks nobody whether the builder answers.
 *
 * The template of systemd.unit(5) for all builders, with the builder's name as instance. RestartSteps is for
 * systemd 254 and later, which make the pause grow; older ones pass over it.
 */
export function renderControlMasterUnit(paths: ControlMasterPaths): string {
  return `[Unit]
Description=Connection to the Nix builder %i, shared by its builds
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Environment=MILLWRIGHT_GUARD=off
ExecStartPre=/bin/rm -f ${paths.sockets}/%i
ExecStart=${command(paths, '%i').join(' ')}
Restart=always
RestartSec=2
RestartSteps=5
RestartMaxDelaySec=60
RuntimeDirectory=${paths.sockets.replace(/^.*\/run\//, '')}
RuntimeDirectoryMode=0700
RuntimeDirectoryPreserve=yes
UMask=0077
CapabilityBoundingSet=
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native

[Install]
WantedBy=multi-user.target
`
}

/** The launchd.plist(5) of one builder, as launchd has no templates. */
export function renderControlMasterDaemon(paths: ControlMasterPaths, id: string): string {
  const begin =
    'export MILLWRIGHT_GUARD=off; umask 077; mkdir -p "$1" && rm -f "$1/$2" && shift 2 && exec "$@"'
  const words = ['/bin/sh', '-c', begin, 'sh', paths.sockets, id, ...command(paths, id)]
  const strings = words.map((word) => `    <string>${escapeXml(word)}</string>\n`).join('')
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${controlMasterName('darwin', id)}</string>
  <key>ProgramArguments</key>
  <array>
${strings}  </array>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <true/>
  <key>ThrottleInterval</key>
  <integer>10</integer>
</dict>
</plist>
`
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
