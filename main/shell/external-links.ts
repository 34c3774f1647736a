const origins = new Set(['https://nix.dev', 'https://nixos.org', 'https://wiki.nixos.org'])

/** Whether a link in the window may be handed to the person's browser: https, and a site we link to. */
export function isAllowedOutside(url: string): boolean {
  try {
    const { origin, username, password } = new URL(url)
    return origins.has(origin) && username === '' && password === ''
  } catch {
    // Not an address.
    return false
  }
}
