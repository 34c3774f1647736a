import { ConfigureRequest } from '../contract/helper'
import { configureOperations } from './operations/configure-operations'
import { runHelper } from './run-helper'

void runHelper({
  schema: ConfigureRequest,
  operations: configureOperations,
  log: 'configure.log',
  lockedMs: 5 * 60_000,
})
