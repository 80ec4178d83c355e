// Network: ways out of the box, and what is sent to the gateway to confuse it.
import { testAttempts } from './test-attempts.ts'

await testAttempts('network')
