// What somebody asks for when a run is to be started; kept whole as a blob, named by the run.requested event.
import { z } from 'zod'
import { Mode, RunTrigger } from './events/fields.ts'

const Name = z.string().min(1).max(200)

/** One command, given by its argv, or a task by its name. */
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
      'the name of a repository of the configuration; for the owner of the data folder also an absolute path or a URL',
    ),
  ref: Name.nullable().default(null).describe('branch, tag or commit; null: the default branch'),
  mode: Mode.nullable().default(null).describe('null: what the task says; read-only for a command'),
  sandbox: Name.nullable().default(null).describe('kind of sandbox; null: as configured'),
  advisories: z
    .string()
    .min(1)
    .max(4096)
    .nullable()
    .default(null)
    .describe(
      "an absolute path on the server's machine, for the owner of the data folder: a folder of OSV records to answer audits from; null: as configured",
    ),
  agent: z
    .strictObject({
      name: Name.nullable().default(null).describe('what `agent: default` of a task stands for'),
      connection: Name.nullable().default(null),
      model: z.string().min(1).max(200).nullable().default(null),
    })
    .prefault({})
    .describe('for steps that ask an agent; null: as configured'),
  trigger: RunTrigger.default('manual').describe('what made the requester ask'),
  idempotencyKey: z
    .string()
    .min(1)
    .max(200)
    .nullable()
    .default(null)
    .describe('a second request of the same requester with the same key is answered with the run of the first'),
})
export type RunRequest = z.infer<typeof RunRequest>
