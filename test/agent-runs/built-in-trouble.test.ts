import { BUILT_IN } from './agent-under-test.ts'
import { describeOutage } from './outage.ts'
import { describeTrouble } from './trouble.ts'

describeTrouble(BUILT_IN)
describeOutage(BUILT_IN)
