import { describe, expect, it } from 'vitest'
import { isPanelDark } from '../../../core/system/panel'

describe('the panel that the tray’s icon stands on', () => {
  it.each([
    ['ubuntu:GNOME', false, true],
    ['GNOME', false, true],
    ['X-Cinnamon', false, true],
    ['KDE', false, false],
    ['KDE', true, true],
    ['something:else', false, false],
    [undefined, false, false],
    [undefined, true, true],
  ])('of %s, with a theme that is dark: %s, is dark: %s', (desktop, isThemeDark, isDark) => {
    expect(isPanelDark(desktop, isThemeDark)).toBe(isDark)
  })
})
