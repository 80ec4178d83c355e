// The record: forged, disguised and hidden actions, and bytes that attack the reader's terminal.
import { testAttempts } from './test-attempts.ts'

await testAttempts('record')
