/**
 * What a run of the test runner comes to, from its JSON report and its exit status. A file that could not be loaded,
 * a hook that failed and an error that no test caught have no test of their own in the report: each file with one
 * counts as one failure, and so does a run that ended badly without saying where.
 */
export function countTests(
  { numPassedTests, numPendingTests, numTodoTests, numFailedTests, testResults },
  status,
) {
  const failed = numFailedTests + testResults.filter(failedOutsideItsTests).length
  return {
    passed: numPassedTests,
    failed: failed === 0 && status !== 0 ? 1 : failed,
    skipped: numPendingTests + numTodoTests,
  }
}

/** `message` is what went wrong in the file itself; a hook of a group within it leaves none. */
function failedOutsideItsTests({ status, message, assertionResults }) {
  if (status !== 'failed') return false
  return message !== '' || !assertionResults.some((test) => test.status === 'failed')
}
