/**
 * An entry of the desktop's autostart folder (Desktop Application Autostart Specification) that starts a command
 * without a window.
 */
export function autostartEntry(command: readonly string[]): string {
  const [program = ''] = command
  return `[Desktop Entry]
Type=Application
Name=Millwright
Comment=Watches Nix remote builders
Exec=${escapeValue([...command, '--hidden'].map(execWord).join(' '))}
TryExec=${escapeValue(program)}
StartupNotify=false
X-GNOME-Autostart-enabled=true
`
}

/** Whether the desktop starts it: its own switches say no by a line, and leave the file. */
export function isEntryOn(text: string): boolean {
  return !/^(Hidden\s*=\s*true|X-GNOME-Autostart-enabled\s*=\s*false)\s*$/im.test(text)
}

/** A unit of systemd's user manager that lives as long as the graphical session, and starts without a window. */
export function sessionUnit(command: readonly string[]): string {
  return `[Unit]
Description=Millwright, which watches Nix remote builders
PartOf=graphical-session.target
After=graphical-session.target

[Service]
ExecStart=${[...command, '--hidden'].map(unitWord).join(' ')}
Restart=on-failure

[Install]
WantedBy=graphical-session.target
`
}

/** Whether an entry can name the program: Exec takes none with an equals sign, and GLib finds none with a percent. */
export function canBeInEntry([program = '', ...words]: readonly string[]): boolean {
  return program.startsWith('/') && !/[=%]/.test(program) && [program, ...words].every(isOneLine)
}

/** Whether a unit can name the program: systemd takes none with quotes, backslashes or control characters. */
export function canBeInUnit([program = '', ...words]: readonly string[]): boolean {
  return program.startsWith('/') && !/["'\\$]/.test(program) && [program, ...words].every(isOneLine)
}

const isOneLine = (word: string) => !/\p{Cc}/u.test(word)

/** A word of Exec: in quotes, with a backslash before what a shell would read; a percent sign twice. */
const execWord = (word: string) =>
  /^[\w@+,./:-]+$/.test(word) ? word : `"${word.replace(/["`$\\]/g, '\\$&').replaceAll('%', '%%')}"`

/** What the Desktop Entry Specification asks of any string, after Exec’s own quoting. */
const escapeValue = (value: string) => value.replaceAll('\\', '\\\\').replace(/^ /, '\\s')

/** A word of ExecStart, by systemd.service(5): quoted like C, no variable and no specifier. */
const unitWord = (word: string) =>
  `"${word.replace(/["\\]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`
