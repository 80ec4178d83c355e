// Rules for a task beyond its schema. Each rule sees a lenient view of the file, so that one mistake does not hide
// another.
import { z } from 'zod'
import { suggestion } from '../nearest-word.ts'
import type { RuleProblem } from './source-problem.ts'
import { stepWorkProblems } from './step-work.ts'

const Text = z.string().catch('')
const Texts = z.record(z.string(), z.unknown()).catch({})
const Input = z.object({ default: z.unknown().optional(), required: z.unknown().optional() }).catch({})
const Step = z.object({ name: Text, run: Text, agent: Text, prompt: Text, env: Texts, 'working-directory': Text })
const Artifact = z.object({ name: Text, path: Text })

const View = z.object({
  mode: Text,
  reach: z.array(Text).catch([]),
  toolchain: Text,
  inputs: z.record(z.string(), Input).catch({}),
  steps: z.array(Step.catch({ name: '', run: '', agent: '', prompt: '', env: {}, 'working-directory': '' })).catch([]),
  checks: z.array(Text).catch([]),
  artifacts: z.array(Artifact.catch({ name: '', path: '' })).catch([]),
  'lockfile-folder': Text,
  change: Texts.optional().catch(undefined),
})
type View = z.infer<typeof View>

/** execve limits a single argument to 128 KiB (MAX_ARG_STRLEN), and the script is one argument. */
const MAX_SCRIPT_BYTES = 128 * 1024 - 1

/** Prefix of the platform's own artifacts. */
const RESERVED_ARTIFACT = 'glovebox-'

const RULES: readonly ((task: View) => RuleProblem[])[] = [
  checksNameSteps,
  stepNamesDiffer,
  directoriesStayInside,
  artifactNamesAreFree,
  artifactPathsArePlain,
  inputsAreSound,
  changeNeedsWrite,
  scriptsTakeNoInputs,
  expressionsAreKnown,
  promptsAreSound,
  namesHoldNoExpression,
  scriptsFit,
  nothingHasNul,
]

/** The names that this instance knows. */
export interface KnownNames {
  reach: readonly string[]
  toolchains: readonly string[]
  agents: readonly string[]
}

/** `known`: the names of the instance; null if the file is checked without an instance, and any name is accepted. */
export function taskRuleProblems(value: unknown, known: KnownNames | null): RuleProblem[] {
  const view = View.safeParse(value)
  if (!view.success) return []
  const ofShape = [...RULES.flatMap((rule) => rule(view.data)), ...stepWorkProblems(value)]
  return known === null ? ofShape : [...ofShape, ...namesAreKnown(view.data, known)]
}

function namesAreKnown({ reach, toolchain, steps }: View, known: KnownNames): RuleProblem[] {
  const unknown = (path: readonly PropertyKey[], name: string, names: readonly string[], message: string) =>
    name === '' || names.includes(name) ? [] : problem(path, message, suggestion(name, names))
  return [
    ...reach.flatMap((name, index) => {
      const message = `reach names \`${name}\`, which neither a policy nor the configuration knows`
      return unknown(['reach', index], name, known.reach, message)
    }),
    ...unknown(['toolchain'], toolchain, known.toolchains, `there is no toolchain \`${toolchain}\``),
    ...steps.flatMap(({ agent }, index) => {
      const names = ['default', ...known.agents]
      return unknown(['steps', index, 'agent'], agent, names, `there is no agent \`${agent}\``)
    }),
  ]
}

function checksNameSteps({ checks, steps }: View): RuleProblem[] {
  const names = steps.map((step) => step.name).filter((name) => name !== '')
  return checks.flatMap((check, index) => {
    const known = check === '' || names.includes(check)
    return known
      ? []
      : problem(['checks', index], `checks names \`${check}\`, which is not a step`, suggestion(check, names))
  })
}

function stepNamesDiffer({ steps }: View): RuleProblem[] {
  const cure = 'checks and output refer to steps by name: give each step its own'
  return repeated(steps.map((step) => step.name)).flatMap(({ name, index }) =>
    problem(['steps', index, 'name'], `two steps have the name \`${name}\``, cure),
  )
}

function directoriesStayInside({ steps, 'lockfile-folder': lockfileFolder }: View): RuleProblem[] {
  const cure = 'write a path below it, without `..`'
  const ofLockfile =
    lockfileFolder.startsWith('/') || leaves(lockfileFolder)
      ? problem(['lockfile-folder'], 'lockfile-folder leaves the repository', cure)
      : []
  const ofSteps = steps.flatMap((step, index) => {
    const directory = step['working-directory']
    const outside = directory.startsWith('/') || leaves(directory)
    return outside
      ? problem(['steps', index, 'working-directory'], 'working-directory leaves the repository', cure)
      : []
  })
  return [...ofLockfile, ...ofSteps]
}

function artifactNamesAreFree({ artifacts }: View): RuleProblem[] {
  const names = artifacts.map((artifact) => artifact.name)
  const reserved = names.flatMap((name, index) => (name.startsWith(RESERVED_ARTIFACT) ? [index] : []))
  const message = `names that start with \`${RESERVED_ARTIFACT}\` are reserved for the platform`
  return [
    ...reserved.flatMap((index) => problem(['artifacts', index, 'name'], message, 'choose another name')),
    ...repeated(names).flatMap(({ name, index }) =>
      problem(['artifacts', index, 'name'], `two artifacts have the name \`${name}\``, 'give each its own name'),
    ),
  ]
}

function artifactPathsArePlain({ artifacts }: View): RuleProblem[] {
  return artifacts.flatMap(({ path }, index) => {
    const place = ['artifacts', index, 'path']
    if (leaves(path))
      return problem(place, 'path has `..` in it', 'write it relative to the repository, or as an absolute path')
    if (path.includes('${{')) return problem(place, NOT_FILLED, FILLED_WHERE)
    const variable = 'path is used literally; variables are not filled in'
    return path.includes('$') ? problem(place, variable, '$GLOVEBOX_ARTIFACTS is /tmp/artifacts') : []
  })
}

function inputsAreSound({ inputs }: View): RuleProblem[] {
  return Object.entries(inputs).flatMap(([name, input]) => {
    const contradicts = input.required === true && input.default !== undefined
    const message = `input \`${name}\` is required and has a default, which is then never used`
    return contradicts ? problem(['inputs', name, 'default'], message, 'keep one of them') : []
  })
}

function changeNeedsWrite({ mode, change }: View): RuleProblem[] {
  const pointless = change !== undefined && mode === 'read-only'
  return pointless
    ? problem(['change'], 'a read-only task proposes no change', 'remove `change`, or say `mode: write`')
    : []
}

/** An input inside shell text could become code; as a variable it stays text. */
function scriptsTakeNoInputs({ steps }: View): RuleProblem[] {
  const message = '`${{ … }}` in `run` would paste an input into the script, where it could become code'
  return steps.flatMap(({ run }, index) => {
    if (!run.includes('${{')) return []
    const [, name] = EXPRESSION.exec(run) ?? []
    const variable = name === undefined ? 'INPUT_<NAME>' : inputVariable(name)
    return problem(['steps', index, 'run'], message, `use "$${variable}", which every step gets`)
  })
}

const EXPRESSION = /\$\{\{\s*inputs\.([a-z][a-z0-9-]*)\s*\}\}/
const NOT_FILLED = '`${{ … }}` is not filled in here'
const FILLED_WHERE = 'it is filled in only in `env`, in `change` and in `lockfile-folder`'

function promptsAreSound({ inputs, artifacts, steps }: View): RuleProblem[] {
  const known = { inputs: Object.keys(inputs), artifacts: artifacts.map(({ name }) => name) }
  return steps.flatMap(({ prompt }, index) =>
    [...prompt.matchAll(/\$\{\{/g)].flatMap(({ index: at }) => {
      const path = ['steps', index, 'prompt']
      const [, group, name] = PROMPT_EXPRESSION.exec(prompt.slice(at)) ?? []
      if (group === undefined || name === undefined)
        return problem(path, 'only `${{ inputs.<name> }}` and `${{ artifacts.<name> }}` are filled in', null)
      const names = known[group as keyof typeof known]
      return names.includes(name)
        ? []
        : problem(path, `there is no ${group.slice(0, -1)} \`${name}\``, suggestion(name, names))
    }),
  )
}

const PROMPT_EXPRESSION = /^\$\{\{\s*(inputs|artifacts)\.([A-Za-z0-9][A-Za-z0-9._-]*)\s*\}\}/

function expressionsAreKnown({ inputs, steps, change = {}, 'lockfile-folder': folder }: View): RuleProblem[] {
  const names = Object.keys(inputs)
  const ofChange = Object.entries(change).flatMap(([key, value]) => expressionProblems(value, ['change', key], names))
  const ofSteps = steps.flatMap((step, index) =>
    Object.entries(step.env).flatMap(([key, value]) => expressionProblems(value, ['steps', index, 'env', key], names)),
  )
  return [...ofChange, ...ofSteps, ...expressionProblems(folder, ['lockfile-folder'], names)]
}

function namesHoldNoExpression({ steps }: View): RuleProblem[] {
  return steps.flatMap((step, index) =>
    (['name', 'working-directory'] as const).flatMap((key) =>
      step[key].includes('${{') ? problem(['steps', index, key], NOT_FILLED, FILLED_WHERE) : [],
    ),
  )
}

function expressionProblems(value: unknown, path: readonly PropertyKey[], inputs: readonly string[]): RuleProblem[] {
  if (typeof value !== 'string') return []
  const starts = [...value.matchAll(/\$\{\{/g)].map((match) => value.slice(match.index))
  return starts.flatMap((text) => {
    const match = EXPRESSION.exec(text)
    const name = match?.index === 0 ? match[1] : undefined
    if (name === undefined) return problem(path, 'only `${{ inputs.<name> }}` is filled in', null)
    return inputs.includes(name) ? [] : problem(path, `there is no input \`${name}\``, suggestion(name, inputs))
  })
}

function scriptsFit({ steps }: View): RuleProblem[] {
  const tooLarge = 'the script exceeds the limit of the kernel for one argument (128 KiB)'
  return steps.flatMap(({ run }, index) => {
    const large = new TextEncoder().encode(run).length > MAX_SCRIPT_BYTES
    return large ? problem(['steps', index, 'run'], tooLarge, 'keep it in a file of the repository') : []
  })
}

/** Arguments and variables end at a NUL. */
function nothingHasNul({ steps }: View): RuleProblem[] {
  return steps.flatMap(({ run, env }, index) => {
    const values = [
      { path: ['run'], value: run },
      ...Object.entries(env).map(([name, value]) => ({ path: ['env', name], value })),
    ]
    return values.flatMap(({ path, value }) => {
      const cut = typeof value === 'string' && value.includes('\0')
      return cut ? problem(['steps', index, ...path], `${path.at(-1)} has a NUL in it`, 'remove it') : []
    })
  })
}

function problem(path: readonly PropertyKey[], message: string, cure: string | null): RuleProblem[] {
  return [{ path, message, cure }]
}

function repeated(names: readonly string[]): { name: string; index: number }[] {
  return names.flatMap((name, index) => (name !== '' && names.indexOf(name) !== index ? [{ name, index }] : []))
}

/** `INPUT_<NAME>`, the variable that plan-steps.ts sets. */
function inputVariable(name: string): string {
  return `INPUT_${name.toUpperCase().replaceAll('-', '_')}`
}

function leaves(path: string): boolean {
  return path.split('/').includes('..') || path.includes('\0')
}
