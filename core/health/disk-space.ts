const gib = 2 ** 30

/**
 * Is so little left that builds may fail soon? Below 5 GiB, about what one large build takes while it runs; on disks
 * under 100 GiB below a twentieth, since there people live with less; but always below 1 GiB.
 */
export function isDiskLow({
  storeBytes,
  storeFreeBytes,
}: {
  readonly storeBytes: number
  readonly storeFreeBytes: number
}): boolean {
  return storeFreeBytes < Math.max(gib, Math.min(5 * gib, storeBytes / 20))
}
