// Exhaustion of resources: the limit holds and is named, and the run gives everything back.
import { testAttempts } from './test-attempts.ts'

await testAttempts('exhaustion')
