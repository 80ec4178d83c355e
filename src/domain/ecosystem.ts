import { z } from 'zod'

/** Where packages come from, in OSV's words: https://ossf.github.io/osv-schema/#defined-ecosystems */
export const Ecosystem = z.enum(['npm'])
export type Ecosystem = z.infer<typeof Ecosystem>
