import { BUILT_IN } from './agent-under-test.ts'
import { describeConduct } from './conduct.ts'
import { describeRepair } from './repair.ts'

describeRepair(BUILT_IN)
describeConduct(BUILT_IN)
