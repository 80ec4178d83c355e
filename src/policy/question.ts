// Validation of questions before Cedar sees them: a question must be bounded, well-formed and consistent.
import { Actor } from '../domain/actor.ts'
import type { CedarValue, EntityRef, PolicyQuestion } from './types.ts'

const MAX_QUESTION_BYTES = 64 * 1024
const MAX_DEPTH = 4
/**
 * Keys with a meaning in Cedar's JSON. Our own code never uses them, so in a question they are an injection attempt.
 */
const ESCAPES = ['__entity', '__extn', '__expr']

const ACTOR_PREFIX = { User: 'user:', Service: 'service:', Run: 'run:' } as const

/** Problems that make a question invalid; empty if it is valid. May throw if `question` does not have its type. */
export function questionProblems(question: PolicyQuestion): string[] {
  if (JSON.stringify(question).length > MAX_QUESTION_BYTES)
    return [`the question is larger than ${MAX_QUESTION_BYTES / 1024} KiB`]
  const { principal, resource, context } = question
  return [
    ...valueProblems({ ...principal.attributes }, 'principal'),
    ...valueProblems({ ...resource.attributes }, 'resource'),
    ...valueProblems({ ...context }, 'context'),
    ...[principal.id, resource.id, question.action].flatMap((id) =>
      id !== '' && id.isWellFormed() ? [] : ['an id is empty or not valid Unicode'],
    ),
    ...actorProblems(question),
    ...resourceProblems(resource, context),
  ]
}

function valueProblems(value: CedarValue, where: string, depth = 0): string[] {
  if (depth > MAX_DEPTH) return [`${where}: nested too deep`]
  if (typeof value === 'string') return value.isWellFormed() ? [] : [`${where}: not valid Unicode`]
  if (typeof value === 'number') return Number.isSafeInteger(value) ? [] : [`${where}: ${value} is not a whole number`]
  if (typeof value === 'boolean') return []
  if (typeof value !== 'object' || value === null) return [`${where}: ${typeof value} is not an allowed type`]
  if (Array.isArray(value)) return value.flatMap((item: CedarValue) => valueProblems(item, where, depth + 1))
  return Object.entries(value).flatMap(([key, item]) =>
    ESCAPES.includes(key)
      ? [`${where}: the key ${key} is reserved`]
      : valueProblems(item, `${where}.${key}`, depth + 1),
  )
}

/** Approval rules compare actors as text, so each must be a complete actor id, and `actor` must be the principal. */
function actorProblems({ principal, resource, context }: PolicyQuestion): string[] {
  const ids = {
    actor: context['actor'],
    requester: context['requester'],
    'change.requester': resource.attributes['requester'],
  }
  const lists = [
    ...listOf(context['requesters']).map((id) => ['requesters', id] as const),
    ...listOf(context['requesterVias']).map((id) => ['requesterVias', id] as const),
  ]
  const malformed = [...Object.entries(ids), ...lists]
    .filter(([, id]) => id !== undefined && !Actor.shape.id.safeParse(id).success)
    .map(([name]) => `${name} is not an actor id such as \`user:ada\``)
  const self = actorIdOf(principal)
  return context['actor'] === undefined || context['actor'] === self
    ? malformed
    : [...malformed, `the actor is not the principal ${self}`]
}

function actorIdOf({ type, id }: EntityRef): string {
  const prefix = Object.hasOwn(ACTOR_PREFIX, type) ? ACTOR_PREFIX[type as keyof typeof ACTOR_PREFIX] : ''
  return id.startsWith(prefix) ? id : prefix + id
}

/** The target that is decided on must be the target that is used: id, attributes and context must name the same one. */
function resourceProblems({ type, id, attributes }: EntityRef, context: PolicyQuestion['context']): string[] {
  if (type === 'Host') {
    const { host, port } = attributes
    const names = [host, `${host}:${port}`, `[${host}]:${port}`]
    return [
      ...(host === undefined || names.includes(id) ? [] : [`host ${id} and its attributes differ`]),
      ...differing('host', host, context['host']),
      ...differing('port', port, context['port']),
    ]
  }
  if (type === 'Model') {
    const { connection, model } = attributes
    return [
      ...differing('model', id, connection === undefined || model === undefined ? id : `${connection}/${model}`),
      ...differing('connection', connection, context['connection']),
      ...differing('model', model, context['model']),
    ]
  }
  if (type === 'Ref') return [...differing('ref', id, context['ref']), ...differing('ref', id, attributes['name'])]
  if (type === 'Tool') return [...differing('tool', id, attributes['kind']), ...differing('tool', id, context['tool'])]
  if (type === 'Ask') return differing('requester', attributes['requester'], context['requester'])
  if (type === 'Change')
    return [
      ...differing('requester', attributes['requester'], context['requester']),
      ...missing('requester', context['requester'], context['requesters']),
    ]
  return []
}

function differing(name: string, first: CedarValue | undefined, second: CedarValue | undefined): string[] {
  return first === undefined || second === undefined || first === second ? [] : [`two different values for ${name}`]
}

/** Whoever asked first also counts among all who asked. */
function missing(name: string, one: CedarValue | undefined, all: CedarValue | undefined): string[] {
  return one === undefined || all === undefined || listOf(all).includes(one) ? [] : [`the ${name} is not in the list`]
}

function listOf(value: CedarValue | undefined): readonly CedarValue[] {
  return Array.isArray(value) ? (value as readonly CedarValue[]) : []
}
