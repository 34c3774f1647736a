export interface TestReport {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly {
    readonly status: string
    readonly message: string
    readonly assertionResults: readonly { readonly status: string }[]
  }[]
}
export interface TestCounts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}
export declare function countTests(report: TestReport, status: number | null): TestCounts
