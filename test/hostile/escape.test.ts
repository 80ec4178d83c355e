// Escapes: namespaces, mounts, the guest, its siblings, and rarely used parts of the kernel.
import { testAttempts } from './test-attempts.ts'

await testAttempts('escape')
