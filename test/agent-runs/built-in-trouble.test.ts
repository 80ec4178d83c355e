import { BUILT_IN } from './agent-under-test.ts'
import { describeTrouble } from './trouble.ts'

describeTrouble(BUILT_IN)
