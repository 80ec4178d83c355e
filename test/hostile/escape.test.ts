// Ways out: namespaces, mounts, the guest, its siblings, the kernel's darker corners.
import { testAttempts } from './test-attempts.ts'

await testAttempts('escape')
