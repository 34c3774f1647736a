/** Desktops whose panel stays dark in a light theme, by their names in XDG_CURRENT_DESKTOP (Desktop Entry Specification). */
const alwaysDark = [
  'gnome',
  'gnome-classic',
  'ubuntu',
  'unity',
  'pop',
  'x-cinnamon',
  'pantheon',
  'deepin',
  'budgie',
]

/** Whether the tray's panel is dark; one that nothing is known of follows the theme, as KDE Plasma's does. */
export function isPanelDark(currentDesktop: string | undefined, isThemeDark: boolean): boolean {
  const names = (currentDesktop ?? '').toLowerCase().split(':')
  return isThemeDark || names.some((name) => alwaysDark.includes(name))
}
