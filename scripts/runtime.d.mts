export interface ElectronRuntime {
  readonly distPath: string
  readonly cleanDistPath: string
  readonly version: string
  readonly fallback: boolean
}
export declare const fallbackVersion: string
export declare function electronRuntime(): ElectronRuntime
export declare function findRuntime(): ElectronRuntime | undefined
