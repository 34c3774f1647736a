export interface NodePin {
  readonly name: string
  readonly version: string
  readonly sha512: string
}
export declare const nodeMajor: number
export declare const nodePins: Readonly<Record<string, NodePin>>
