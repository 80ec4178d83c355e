// Git: forbidden pushes, fetches and proposals.
import { testAttempts } from './test-attempts.ts'

await testAttempts('git')
