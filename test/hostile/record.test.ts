// The record: what is forged, disguised, hidden, or meant for the terminal of whoever reads it.
import { testAttempts } from './test-attempts.ts'

await testAttempts('record')
