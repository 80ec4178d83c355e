// The request to start a run. It is kept whole as a blob and named by the run.requested event.
import { z } from 'zod'
import { Mode, RunTrigger } from './events/fields.ts'

const Name = z.string().min(1).max(200)

/** A task by name, or one command by its argv. */
export const Work = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('task'),
    name: Name,
    inputs: z.record(z.string().max(100), z.string().max(65_536)).default({}),
  }),
  z.strictObject({ kind: z.literal('command'), argv: z.array(z.string().max(65_536)).min(1).max(1000) }),
])
export type Work = z.infer<typeof Work>

export const RunRequest = z.strictObject({
  work: Work,
  repository: z
    .string()
    .min(1)
    .max(4096)
    .describe(
      'the name of a configured repository; the owner of the data folder may also give an absolute path or a URL',
    ),
  ref: Name.nullable().default(null).describe('branch, tag or commit; null for the default branch'),
  mode: Mode.nullable().default(null).describe("null for the task's own mode; for a command read-only"),
  sandbox: Name.nullable().default(null).describe('kind of sandbox; null for the configured one'),
  advisories: z
    .string()
    .min(1)
    .max(4096)
    .nullable()
    .default(null)
    .describe(
      "for the owner of the data folder: absolute path on the server's machine to a folder of OSV records that answers audits; null for the configured source",
    ),
  agent: z
    .strictObject({
      name: Name.nullable().default(null).describe('the agent to use for `agent: default` in a task'),
      connection: Name.nullable().default(null),
      model: z.string().min(1).max(200).nullable().default(null),
    })
    .prefault({})
    .describe('for steps that use an agent; null for the configured value'),
  trigger: RunTrigger.default('manual').describe('the occasion of the request'),
  idempotencyKey: z
    .string()
    .min(1)
    .max(200)
    .nullable()
    .default(null)
    .describe('a second request of the same requester with the same key returns the run of the first'),
})
export type RunRequest = z.infer<typeof RunRequest>
