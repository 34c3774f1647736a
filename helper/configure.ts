import { ConfigureRequest } from '../contract/helper'
import { configureOperations } from './operations/configure-operations'
import { runHelper } from './run-helper'

void runHelper(ConfigureRequest, configureOperations)
