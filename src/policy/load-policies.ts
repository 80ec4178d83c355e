// The policies of an instance: the built-in ones, those of the configured folders, and which of them are in force.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Policy } from './parse-policies.ts'
import { duplicateIds, parsePolicies } from './parse-policies.ts'
import { PolicyError } from './policy-error.ts'
import { readSchema } from './schema.ts'

export interface LoadPolicies {
  builtInFolder: string
  extraFolders: readonly string[]
  /** Ids of optional policies to put in force. */
  enable: readonly string[]
}

export interface LoadedPolicies {
  schema: string
  /** What decide() uses. */
  inForce: readonly Policy[]
  /** All that are known, also those that are off, in the order of their files. */
  all: readonly Policy[]
}

/** Throws PolicyError: an instance whose policies can't all be read and understood does not start. */
export function loadPolicies({ builtInFolder, extraFolders, enable }: LoadPolicies): LoadedPolicies {
  const schema = readSchema()
  const builtIn = readFolder(builtInFolder, schema)
  const extra = extraFolders.flatMap((folder) => readFolder(folder, schema))
  const all = [...builtIn, ...extra]
  const duplicates = [
    ...duplicateIds(all),
    ...all.filter((policy) => policy.id.includes('#') && !policy.id.startsWith(fileStem(policy))).map(borrowedId),
  ]
  if (duplicates.length > 0) throw new PolicyError('duplicate-id', duplicates)
  refuseReplacements(extra)
  refuseUnknown(enable, all)
  const wanted = all.filter((policy) => !policy.optional || enable.includes(policy.id))
  const replaced = wanted.flatMap((policy) => policy.replaces ?? [])
  return { schema, all, inForce: wanted.filter((policy) => !replaced.includes(policy.id)) }
}

function readFolder(folder: string, schema: string): Policy[] {
  const files = listFolder(folder)
  const results = files.map((name) => readFile(join(folder, name), schema))
  const problems = results.flatMap((result) => (result instanceof PolicyError ? result.problems : []))
  if (problems.length > 0) throw new PolicyError('invalid-policy', problems)
  return results.flatMap((result) => (result instanceof PolicyError ? [] : result))
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.cedar'))
      .toSorted()
  } catch (error) {
    throw unreadable(folder, error)
  }
}

/** Problems are collected over all files of a folder before they are thrown. */
function readFile(path: string, schema: string): Policy[] | PolicyError {
  try {
    return parsePolicies(readFileSync(path, 'utf8'), path, schema)
  } catch (error) {
    return error instanceof PolicyError ? error : unreadable(path, error)
  }
}

function unreadable(path: string, error: unknown): PolicyError {
  const reason = error instanceof Error ? error.message : String(error)
  return new PolicyError('unreadable', [
    { file: path, line: null, column: null, message: `can't be read: ${reason}`, cure: null },
  ])
}

/** Only Glovebox's own policies may take a guardrail out of force; a folder of the operator adds rules. */
function refuseReplacements(extra: readonly Policy[]): void {
  const problems = extra
    .filter((policy) => policy.replaces !== null)
    .map(({ file, id }) => ({
      file,
      line: null,
      column: null,
      message: `policy \`${id}\` has @replaces, which only built-in policies may have`,
      cure: 'remove it; a permit of yours adds to the built-in ones, and a forbid overrides every permit',
    }))
  if (problems.length > 0) throw new PolicyError('invalid-policy', problems)
}

function refuseUnknown(enable: readonly string[], all: readonly Policy[]): void {
  const optional = all.filter((policy) => policy.optional).map((policy) => policy.id)
  const problems = enable
    .filter((id) => !optional.includes(id))
    .map((id) => ({
      file: 'configuration',
      line: null,
      column: null,
      message: `policies.enable names \`${id}\`, which is no optional policy`,
      cure: `optional are: ${optional.join(', ') || 'none'}`,
    }))
  if (problems.length > 0) throw new PolicyError('unknown-policy', problems)
}

function fileStem({ file }: Policy): string {
  return `${basename(file, '.cedar')}#`
}

/** `people#2` in @id could be mistaken for the second policy of people.cedar. */
function borrowedId({ file, id }: Policy) {
  return {
    file,
    line: null,
    column: null,
    message: `the id \`${id}\` is of the form that unnamed policies have`,
    cure: 'leave out the `#`',
  }
}
