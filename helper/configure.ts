import { ConfigureRequest } from '../contract/helper'
import { configureOperations } from './configure-operations'
import { runHelper } from './run-helper'

void runHelper(ConfigureRequest, configureOperations)
