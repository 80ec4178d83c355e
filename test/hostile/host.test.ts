// Host files and processes: what a run reaches for beyond its workspace, and traps for whoever reads it.
import { testAttempts } from './test-attempts.ts'

await testAttempts('host')
