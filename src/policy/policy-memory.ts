// A memory of policy decisions that outlives the process. For fixed policies the same question always has the same answer
// (remember-answers.ts), and loading Cedar takes longer than a command that only reads. The memory belongs to one digest:
// over the policies, the schema, the code of this room and the version of Cedar. It holds only permissions to read, so
// Cedar itself decides whatever changes something, and every refusal.
import { createHash } from 'node:crypto'
import { constants, readdirSync, readFileSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { LoadPolicies } from './load-policies.ts'
import { questionProblems } from './question.ts'
import { questionText } from './remember-answers.ts'
import { UnknownAnswer } from './types.ts'
import type { PolicyDecision, PolicyEngine, PolicyQuestion } from './types.ts'

const MAX_ANSWERS = 2000
const MAX_BYTES = 4 * 1024 * 1024
const MAX_QUESTION = 4096

const Memory = z.object({
  digest: z.string(),
  answers: z
    .array(z.tuple([z.string(), z.array(z.string())]))
    .max(MAX_ANSWERS)
    .describe('digest of a permitted question, and ids of the policies that permitted it'),
})

export interface PolicyMemoryOptions {
  /** Where the memory is kept, in a folder that only Glovebox's account can write: its content decides. */
  file: string
  policies: LoadPolicies
  /** Version of Cedar. */
  version: string
  /** The actions that only read. */
  actions: ReadonlySet<string>
}

export interface PolicyMemory {
  /** Returns what is remembered, and throws UnknownAnswer for every other question. */
  decide(question: PolicyQuestion): PolicyDecision
  /** The same engine, whose answers are remembered. */
  watch(engine: PolicyEngine): PolicyEngine
  /** Writes the memory if it has something new. A failure to write loses only time, so it is no error. */
  save(): Promise<void>
}

/** Never rejects: a memory that can't be read, or that belongs to other policies, is empty. */
export async function openPolicyMemory({
  file,
  policies,
  version,
  actions,
}: PolicyMemoryOptions): Promise<PolicyMemory> {
  const digest = digestOfSources(policies, version)
  const answers = digest === null ? new Map<string, string[]>() : await readAnswers(file, digest)
  let changed = false

  function keyOf(question: PolicyQuestion): string | null {
    if (digest === null || !actions.has(question.action)) return null
    const text = questionText(question)
    return text.length > MAX_QUESTION ? null : createHash('sha256').update(text).digest('base64url')
  }

  function keep(question: PolicyQuestion, { allowed, reasons, errors }: PolicyDecision): void {
    if (!allowed || errors.length > 0 || questionProblems(question).length > 0) return
    const key = keyOf(question)
    if (key === null || answers.has(key)) return
    const [oldest] = answers.size < MAX_ANSWERS ? [] : answers.keys()
    if (oldest !== undefined) answers.delete(oldest)
    answers.set(key, [...reasons])
    changed = true
  }

  return {
    decide(question) {
      // A question that does not pass these checks has no answer that could be remembered.
      const key = questionProblems(question).length > 0 ? null : keyOf(question)
      const reasons = key === null ? undefined : answers.get(key)
      if (reasons === undefined) throw new UnknownAnswer()
      return { allowed: true, reasons: [...reasons], errors: [] }
    },
    watch(engine) {
      // The engine's files were read after the digest. If they changed in between, its answers belong to another digest.
      if (digestOfSources(policies, version) !== digest) return engine
      return {
        ...engine,
        decide(question) {
          const decision = engine.decide(question)
          keep(question, decision)
          return decision
        },
      }
    },
    async save() {
      if (!changed || digest === null) return
      changed = false
      await writeAnswers(file, { digest, answers: [...answers] }).catch(() => {})
    },
  }
}

/** null if a file can't be read; whoever loads the policies then says why. */
function digestOfSources({ builtInFolder, extraFolders, enable }: LoadPolicies, version: string): string | null {
  try {
    const code = filesIn(import.meta.dirname, (name) => !name.endsWith('.test.ts'))
    const policies = [builtInFolder, ...extraFolders].flatMap((folder) =>
      filesIn(folder, (name) => name.endsWith('.cedar')),
    )
    return createHash('sha256')
      .update(JSON.stringify([version, code, policies, enable]))
      .digest('base64url')
  } catch {
    return null
  }
}

function filesIn(folder: string, matches: (name: string) => boolean): [path: string, text: string][] {
  const names = readdirSync(folder).filter(matches).toSorted()
  return names.map((name) => [join(folder, name), readFileSync(join(folder, name), 'utf8')])
}

async function readAnswers(file: string, digest: string): Promise<Map<string, string[]>> {
  try {
    await using handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW)
    if ((await handle.stat()).size > MAX_BYTES) return new Map()
    const memory = Memory.parse(JSON.parse(await handle.readFile('utf8')))
    return new Map(memory.digest === digest ? memory.answers : [])
  } catch {
    return new Map()
  }
}

async function writeAnswers(file: string, memory: z.infer<typeof Memory>): Promise<void> {
  const draft = `${file}.new`
  const flags = constants.O_CREAT | constants.O_TRUNC | constants.O_WRONLY | constants.O_NOFOLLOW
  {
    await using handle = await open(draft, flags, 0o600)
    await handle.writeFile(JSON.stringify(memory))
  }
  await rename(draft, file)
}
