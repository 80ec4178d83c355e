// Loads the policies of an instance, from Glovebox's own folder and the configured folders, and picks those in force.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { suggestion } from '../domain/nearest-word.ts'
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
  /** The policies that decide() uses. */
  inForce: readonly Policy[]
  /** All loaded policies, including those not in force, in the order of their files. */
  all: readonly Policy[]
}

/** Throws PolicyError if any policy can't be read or is invalid; the instance then does not start. */
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

/** Returns an error instead of throwing it, so that the caller can collect the problems of all files in a folder. */
function readFile(path: string, schema: string): Policy[] | PolicyError {
  try {
    return parsePolicies(readFileSync(path, 'utf8'), path, schema)
  } catch (error) {
    return error instanceof PolicyError ? error : unreadable(path, error)
  }
}

function unreadable(path: string, error: unknown): PolicyError {
  const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
  const reason = missing ? 'it does not exist' : error instanceof Error ? error.message : String(error)
  return new PolicyError('unreadable', [
    { file: path, line: null, column: null, message: `can't be read: ${reason}`, cure: null },
  ])
}

/** Only built-in policies may take a guardrail out of force; the operator's folders can only add rules. */
function refuseReplacements(extra: readonly Policy[]): void {
  const problems = extra
    .filter((policy) => policy.replaces !== null)
    .map(({ file, id }) => ({
      file,
      line: null,
      column: null,
      message: `policy \`${id}\` has @replaces, which only built-in policies may have`,
      cure: 'remove @replaces; your permits add to the built-in ones, and your forbids override every permit',
    }))
  if (problems.length > 0) throw new PolicyError('invalid-policy', problems)
}

function refuseUnknown(enable: readonly string[], all: readonly Policy[]): void {
  const optional = all.filter((policy) => policy.optional).map((policy) => policy.id)
  const problems = enable
    .filter((id) => !optional.includes(id))
    .map((id) => ({
      file: 'glovebox.yaml',
      line: null,
      column: null,
      message: `policies.enable names \`${id}\`, which is not an optional policy`,
      cure: suggestion(id, optional),
    }))
  if (problems.length > 0) throw new PolicyError('unknown-policy', problems)
}

function fileStem({ file }: Policy): string {
  return `${basename(file, '.cedar')}#`
}

/** An explicit id `people#2` could be mistaken for the second policy of people.cedar. */
function borrowedId({ file, id }: Policy) {
  return {
    file,
    line: null,
    column: null,
    message: `the id \`${id}\` has the form reserved for unnamed policies`,
    cure: 'remove the `#` from the id',
  }
}
