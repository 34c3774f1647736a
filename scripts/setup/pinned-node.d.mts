export interface Machine {
  /** As `linux-x64`. */
  readonly platform: string
  /** The Node that may be used where the pinned one cannot be had. */
  readonly own: { readonly path: string; readonly version: string }
  readonly caches: readonly string[]
}
export declare function pinnedNode(machine?: Machine): string
