/** Millwright's mark, as in the tray: a mill wheel. Its drawing is that of assets/tray.svg. */
export function Logo({ size = 18 }: { size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="var(--accent)"
      strokeWidth="1.9"
      strokeLinecap="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d="M11.48 4.62L13.71 1.23M16.85 6.42L20.82 5.59M19.38 11.48L22.77 13.71M17.58 16.85L18.41 20.82M12.52 19.38L10.29 22.77M7.15 17.58L3.18 18.41M4.62 12.52L1.23 10.29M6.42 7.15L5.59 3.18" />
      <circle cx="12" cy="12" r="7" />
      <circle cx="12" cy="12" r="2.6" fill="var(--accent)" stroke="none" />
      <path d="M12 5.5V18.5M5.5 12H18.5" strokeWidth="1.3" />
    </svg>
  )
}
