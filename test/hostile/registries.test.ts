// Registries: attempts to send the operator's credentials elsewhere.
import { testAttempts } from './test-attempts.ts'

await testAttempts('registries')
