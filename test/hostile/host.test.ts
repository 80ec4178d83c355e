// Host files and processes: attempts to reach beyond the workspace, and traps for readers of the workspace.
import { testAttempts } from './test-attempts.ts'

await testAttempts('host')
