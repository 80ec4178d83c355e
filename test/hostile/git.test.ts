// Git: what is pushed, fetched and proposed that should not be.
import { testAttempts } from './test-attempts.ts'

await testAttempts('git')
