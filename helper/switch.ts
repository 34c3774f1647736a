import { SwitchRequest } from '../contract/helper'
import { switchOperations } from './operations/switch-operations'
import { runHelper } from './run-helper'

void runHelper(SwitchRequest, switchOperations)
