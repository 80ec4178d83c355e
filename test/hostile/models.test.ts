// The model gateway: other keys, connections, endpoints and models; budgets; providers that turned bad.
import { testAttempts } from './test-attempts.ts'

await testAttempts('models')
