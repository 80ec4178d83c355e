// The request to start a run. It is kept whole as a blob and named by the run.requested event.
import { z } from 'zod'
import { Digest, Mode, ObjectId, RunTrigger } from './events/fields.ts'
import { ID_PATTERN } from './ids.ts'

const Name = z.string().min(1).max(200)

const Inputs = z.record(z.string().max(100), z.string().max(65_536)).default({})
const Reach = z
  .array(z.string().min(1).max(100))
  .max(100)
  .default([])
  .describe('destinations that it may reach, as in `reach` of a task')

/** A task by name, the text of a task file, a prompt for an agent, or one command by its argv. */
export const Work = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('task'),
    name: Name,
    inputs: Inputs,
  }),
  z.strictObject({
    kind: z.literal('file'),
    file: z.string().min(1).max(4096).describe('name of the file in messages; the server does not open it'),
    text: z
      .string()
      .min(1)
      .max(256 * 1024)
      .describe('the text of a task file that is not installed'),
    inputs: Inputs,
  }),
  z.strictObject({
    kind: z.literal('prompt'),
    prompt: z
      .string()
      .min(1)
      .max(64 * 1024)
      .describe('what the agent of the request is asked'),
    reach: Reach,
  }),
  z.strictObject({
    kind: z.literal('command'),
    argv: z.array(z.string().max(65_536)).min(1).max(1000),
    reach: Reach,
  }),
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
  ref: Name.nullable()
    .default(null)
    .describe('branch, tag or commit; null for the default branch, in a local repository the one that is checked out'),
  mode: Mode.nullable()
    .default(null)
    .describe("null for the task's own mode; for a prompt write, for a command read-only"),
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
  repeats: z.string().regex(ID_PATTERN).nullable().default(null).describe('the run whose request this one repeats'),
  attempt: z
    .strictObject({
      change: z.string().regex(ID_PATTERN),
      number: z.int().positive(),
      start: ObjectId.describe('the commit of the change; its files are in the work tree when the steps start'),
      pack: Digest.describe('blob: that commit as a git pack, on top of the base of the change'),
      plan: Digest.describe('blob: the plan of the run that proposed it; task, base and target are taken from there'),
      review: Digest.describe('blob: the review comments for the agent, as text'),
    })
    .nullable()
    .default(null)
    .describe('another attempt at a change; null for a run of its own'),
})
export type RunRequest = z.infer<typeof RunRequest>
