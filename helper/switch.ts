import { SwitchRequest } from '../contract/helper'
import { runHelper } from './run-helper'
import { switchOperations } from './switch-operations'

void runHelper(SwitchRequest, switchOperations)
