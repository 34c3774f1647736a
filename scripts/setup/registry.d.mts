import type { NodePin } from './node-pins.mjs'

export declare function fetchPackage(pin: NodePin, folder: string, entries: readonly string[]): void
