// The model gateway: other keys, connections, endpoints and models; budgets; malicious providers.
import { testAttempts } from './test-attempts.ts'

await testAttempts('models')
