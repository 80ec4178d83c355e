// A policy that permits the runs of one task to send requests to one host, and the proof that it permits nothing else.
import type { LoadedPolicies } from './load-policies.ts'
import { parsePolicies } from './parse-policies.ts'
import { createPolicyEngine } from './policy-engine.ts'
import type { PolicyDecision, PolicyEngine, PolicyQuestion } from './types.ts'

export const PERMIT_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
export type PermitMethod = (typeof PERMIT_METHODS)[number]

export interface HostPermit {
  task: string
  scheme: 'https' | 'http'
  /** A name in lower case. */
  host: string
  port: number
  methods: readonly PermitMethod[]
  /** Only runs on this repository; null: on every repository. */
  repository: string | null
}

/** `already`: ids of the policies that permit it. `forbidden`: ids of those that forbid it; no permit can change that. */
export type PermitAnswer =
  | { kind: 'new'; id: string; text: string }
  | { kind: 'already'; by: readonly string[] }
  | { kind: 'forbidden'; by: readonly string[] }

/** The texts that become part of the policy: none can end its string or its comment. */
const GRAMMAR = {
  task: /^[a-z][a-z0-9-]{0,62}$/,
  host: /^(?!.*\.\.)[a-z0-9][a-z0-9.-]{0,251}\.[a-z0-9-]*[a-z]$/,
  repository: /^[\x20-\x7e]{1,1000}$/,
} as const

/**
 * Throws for text that could be code, and if the engine does not decide exactly what the policy says; then the policy must
 * not be written.
 */
export function permitHost(permit: HostPermit, loaded: LoadedPolicies): PermitAnswer {
  for (const [name, grammar] of Object.entries(GRAMMAR)) {
    const value = permit[name as keyof typeof GRAMMAR]
    if (value !== null && !grammar.test(value)) throw new Error(`the ${name} can't be part of a policy`)
  }
  const { schema, inForce, all } = loaded
  const before = createPolicyEngine({ policies: inForce, schema })
  const answers = questionsOf(permit).map((question) => before.decide(question))
  if (answers.every(({ allowed }) => allowed)) return { kind: 'already', by: idsOf(answers) }
  const denied = answers.filter(({ allowed }) => !allowed)
  // Without a permit, a denial with reasons is one that a forbid gave.
  const forbidding = idsOf(denied)
  if (forbidding.length > 0) return { kind: 'forbidden', by: forbidding }

  const id = freeId(
    permit,
    all.map((policy) => policy.id),
  )
  const text = permitText(id, permit)
  const [policy, ...more] = parsePolicies(text, `${id}.cedar`, schema)
  if (policy === undefined || more.length > 0) throw new Error('the file is not one policy')
  prove(permit, createPolicyEngine({ policies: [...inForce, policy], schema }), true)
  prove(permit, createPolicyEngine({ policies: [policy], schema }), false)
  return { kind: 'new', id, text }
}

/** `together`: with the policies in force, which may permit what lies beside it. */
function prove(permit: HostPermit, engine: PolicyEngine, together: boolean): void {
  if (!questionsOf(permit).every((question) => engine.decide(question).allowed))
    throw new Error('the policy engine does not permit what the policy says')
  if (together) return
  const beside: HostPermit[] = [
    { ...permit, host: `sub.${permit.host}` },
    { ...permit, host: `${permit.host}.example` },
    { ...permit, port: permit.port + 1 },
    { ...permit, scheme: permit.scheme === 'https' ? 'http' : 'https' },
    { ...permit, task: `${permit.task}-other` },
    ...(permit.repository === null ? [] : [{ ...permit, repository: `${permit.repository}/other` }]),
    { ...permit, methods: PERMIT_METHODS.filter((method) => !permit.methods.includes(method)) },
  ]
  if (beside.flatMap(questionsOf).some((question) => engine.decide(question).allowed))
    throw new Error('the policy engine permits more than the policy says')
}

/** The questions that a gateway asks for such requests (src/gateway/decide-connect.ts). */
function questionsOf({ task, scheme, host, port, methods, repository }: HostPermit): PolicyQuestion[] {
  const id = `${host}:${port}`
  return methods.map((method) => ({
    principal: {
      type: 'Run',
      id: 'permit',
      attributes: { task, mode: 'read-only', repository: repository ?? '/', reach: [] },
    },
    action: 'connect',
    resource: { type: 'Host', id, attributes: { authority: id, host, port, scheme } },
    context: { service: 'egress', method, path: '/', scheme, host, port, reach: [], mode: 'read-only' },
  }))
}

function idsOf(decisions: readonly PolicyDecision[]): string[] {
  return [...new Set(decisions.flatMap(({ reasons, errors }) => [...reasons, ...errors]))].toSorted()
}

function freeId({ task, host }: HostPermit, taken: readonly string[]): string {
  const base = `allow-${task}-${host}`.slice(0, 120)
  const free = Array.from({ length: 100 }, (_, index) => (index === 0 ? base : `${base}-${index + 1}`))
  const id = free.find((one) => !taken.includes(one))
  if (id === undefined) throw new Error(`there are too many policies called ${base}`)
  return id
}

function permitText(id: string, { task, scheme, host, port, methods, repository }: HostPermit): string {
  const where = repository === null ? '' : `,\n// on the repository ${repository}`
  const conditions = [
    `principal has task && principal.task == ${cedarString(task)}`,
    ...(repository === null ? [] : [`principal has repository && principal.repository == ${cedarString(repository)}`]),
    'context has service && context.service == "egress"',
    `context has scheme && context.scheme == "${scheme}"`,
    `context has host && context.host == "${host}"`,
    `context has port && context.port == ${port}`,
    `context has method && [${methods.map((method) => `"${method}"`).join(', ')}].contains(context.method)`,
  ]
  return `// Runs of the task ${task} may send ${methods.join(', ')} to ${scheme}://${host}:${port}${where}.
@id("${id}")
permit (
  principal is Run,
  action == Action::"connect",
  resource is Host
)
when
{
  ${conditions.join(' &&\n  ')}
};
`
}

/** The text is visible ASCII. */
function cedarString(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', String.raw`\"`)}"`
}
