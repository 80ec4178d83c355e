// More than there is: the limit holds, is named, and what was taken is given back.
import { testAttempts } from './test-attempts.ts'

await testAttempts('exhaustion')
