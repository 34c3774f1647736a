import { SwitchRequest } from '../contract/helper'
import { switchBounds } from './operations/switch-bounds'
import { switchOperations } from './operations/switch-operations'
import { runHelper } from './run-helper'

void runHelper({
  schema: SwitchRequest,
  operations: switchOperations,
  log: 'helper.log',
  lockedMs: 2 * 60_000,
  bounds: switchBounds,
})
