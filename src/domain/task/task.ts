// The shape of a parsed task file. src/domain/task/parse-task.ts parses the YAML.
import { z } from 'zod'
import { Budget } from '../budget.ts'
import { Mode } from '../events/fields.ts'

const Name = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'lowercase letters, digits and dashes, starting with a letter')

const VariableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'letters, digits and underscores, not starting with a digit')
const InputName = z.string().regex(/^[a-z][a-z0-9-]*$/, 'lowercase letters, digits and dashes, starting with a letter')

/** Step conditions, as in GitHub Actions. */
export const Condition = z.enum(['success()', 'failure()', 'always()'])
export type Condition = z.infer<typeof Condition>

export const Step = z.strictObject({
  name: z.string().min(1).max(120).optional(),
  run: z.string().min(1).optional().describe('a shell script, run by `sh -e`'),
  agent: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,62}$/, 'the name of an agent, or `default`')
    .optional()
    .describe(
      'instead of `run`: which agent is asked; `default` is the one that the requester or the configuration names',
    ),
  prompt: z
    .string()
    .min(1)
    .max(64 * 1024)
    .optional()
    .describe('what the agent is asked; `${{ inputs.<name> }}` and `${{ artifacts.<name> }}` are filled in'),
  'max-turns': z.int().min(1).max(1000).default(50).describe('maximum number of calls of the model'),
  budget: Budget.prefault({}).describe('maximum that the agent may spend'),
  repairs: z
    .string()
    .optional()
    .describe(
      'name of an earlier step: if that step failed, the agent is asked, and the step runs again; its second result counts',
    ),
  optional: z.boolean().default(false).describe('if no model is connected, the step is skipped with a note'),
  env: z.record(VariableName, z.union([z.string(), z.number(), z.boolean()]).transform(String)).default({}),
  'working-directory': z.string().default('.').describe('relative to the repository'),
  'continue-on-error': z.boolean().default(false),
  'timeout-minutes': z
    .number()
    .positive()
    .max(24 * 60)
    .optional(),
  if: Condition.default('success()'),
})
export type Step = z.infer<typeof Step>

const BYTES = /^(\d+)\s*(B|KiB|MiB|GiB)?$/
const UNIT = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }

/** `4 GiB`, `512 MiB` or a number of bytes. */
export const Bytes = z
  .union([z.int().positive(), z.string().regex(BYTES, 'a size such as `512 MiB` or `4 GiB`')])
  .transform((value) => {
    if (typeof value === 'number') return value
    const [, amount, unit] = BYTES.exec(value) ?? []
    return Number(amount) * UNIT[(unit ?? 'B') as keyof typeof UNIT]
  })

/** A task may come from a repository, so every limit has a maximum. `output` uses disk space of the data folder. */
const GIB = 1024 ** 3
function bytesUpTo(max: number, text: string) {
  return Bytes.refine((bytes) => bytes <= max, `at most ${text}`)
}

export const Limits = z.strictObject({
  'wall-minutes': z
    .number()
    .positive()
    .max(24 * 60)
    .default(60),
  memory: bytesUpTo(1024 * GIB, '1024 GiB').default(4 * GIB),
  processes: z.int().min(8).max(32_768).default(1024),
  workspace: bytesUpTo(1024 * GIB, '1024 GiB')
    .default(4 * GIB)
    .describe('bytes that the workspace may hold'),
  record: bytesUpTo(1024 * GIB, '1024 GiB')
    .default(8 * GIB)
    .describe('bytes of events, kept bodies, output and pushes of the whole run'),
  output: bytesUpTo(GIB / 4, '256 MiB')
    .default(16 * 1024 ** 2)
    .describe('bytes of output kept for each stream of a step; the last MiB of longer output is kept, too'),
})
export type Limits = z.infer<typeof Limits>

export const TaskInput = z.strictObject({
  description: z.string(),
  default: z.string().optional(),
  required: z.boolean().default(false),
})

export const Artifact = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$/, 'letters, digits, dots, dashes and underscores'),
  path: z.string().min(1).describe('path in the sandbox, absolute or relative to the repository'),
  optional: z.boolean().default(false),
})
export type Artifact = z.infer<typeof Artifact>

export const ChangeTemplate = z.strictObject({
  title: z.string().min(1).max(200),
  body: z.string().default(''),
  branch: z
    .string()
    .regex(/^(?!-)[A-Za-z0-9][A-Za-z0-9._/-]{0,200}$/, 'a branch name of letters, digits and . _ / -')
    .optional()
    .describe('name of the branch when the change is published; default: the branch of the run'),
  'commit-message': z.string().min(1).optional().describe('default: the title'),
})

/** The configured Node that the repository wants, else the built-in one. */
export const PROJECT_TOOLCHAIN = 'project'
/** The Node and npm that come with Glovebox. */
export const BUILT_IN_TOOLCHAIN = 'built-in'
/** The programs of the image or of the host's /usr: PATH is not changed. */
export const SYSTEM_TOOLCHAIN = 'system'

export const Task = z.strictObject({
  name: Name.describe('name that starts the task; the file is called `<name>.yaml`'),
  description: z.string().min(1).describe('one line, for `task list`'),
  mode: Mode.describe('whether the task may propose a change'),
  inputs: z
    .record(InputName, TaskInput)
    .default({})
    .describe('values that a requester can set with `--input name=value`'),
  limits: Limits.prefault({}).describe('limits that stop the task'),
  reach: z
    .array(z.string())
    .default([])
    .describe('destinations that the task may reach, by name: `npm`, or a name from the configuration or a policy'),
  toolchain: Name.default(PROJECT_TOOLCHAIN).describe(
    'which Node its steps find: `project` for one from the configuration that fits `.nvmrc`, `.node-version` and `engines` of the repository, else the built-in one; `built-in`; a name from the configuration; or `system` for the one of the image or the host',
  ),
  steps: z.array(Step).min(1).max(100).describe('steps, in order'),
  checks: z.array(z.string()).default([]).describe('names of steps that must pass before the change may merge'),
  artifacts: z.array(Artifact).max(100).default([]).describe('files that are kept as results'),
  reports: z
    .array(z.enum(['npm-advisories']))
    .default([])
    .describe('reports that the platform makes from the commits'),
  'lockfile-folder': z
    .string()
    .default('.')
    .describe('folder of the package-lock.json that reports are made from; `${{ inputs.<name> }}` is filled in'),
  change: ChangeTemplate.optional().describe('how the change is described'),
})
export type Task = z.infer<typeof Task>
