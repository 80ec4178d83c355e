// Registries: what the operator's credentials are carried to.
import { testAttempts } from './test-attempts.ts'

await testAttempts('registries')
