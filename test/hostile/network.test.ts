// Network: ways out of the box, and requests that confuse the gateway.
import { testAttempts } from './test-attempts.ts'

await testAttempts('network')
