import { BUILT_IN } from './agent-under-test.ts'
import { describeRepair } from './repair.ts'

describeRepair(BUILT_IN)
