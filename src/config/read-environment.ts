// Parses the variables. An unknown or malformed variable stops the start; the error names it.
import { resolve } from 'node:path'
import { suggestion } from '../domain/nearest-word.ts'
import { ConfigError } from './config-error.ts'
import type { Environment } from './env.ts'
import { HOST_VARIABLES, VARIABLES } from './env.ts'

const PREFIX = 'GLOVEBOX_'

export interface EnvironmentValues {
  /** The folder that GLOVEBOX_DATA names. */
  dataFolder: string | null
  advisories: string | null
  sandbox: string | null
  debug: boolean
  noColor: boolean
  /** Variables for programs on the host, with npm's settings. */
  host: Readonly<Record<string, string>>
}

export function readEnvironment(env: Environment, cwd: string): EnvironmentValues {
  refuseUnknown(env)
  return {
    dataFolder: path(env, 'GLOVEBOX_DATA', cwd),
    advisories: path(env, 'GLOVEBOX_ADVISORIES', cwd),
    sandbox: text(env, 'GLOVEBOX_SANDBOX'),
    debug: flag(env, 'GLOVEBOX_DEBUG'),
    noColor: (env['NO_COLOR'] ?? '') !== '',
    host: hostEnvironment(env),
  }
}

function refuseUnknown(env: Environment): void {
  const known: readonly string[] = VARIABLES.map((variable) => variable.name)
  const unknown = Object.keys(env).find((name) => name.startsWith(PREFIX) && !known.includes(name))
  if (unknown === undefined) return
  const settable = VARIABLES.filter((variable) => !('ignored' in variable)).map((variable) => variable.name)
  throw new ConfigError('unknown-variable', `unknown variable ${unknown}; ${suggestion(unknown, settable)}`)
}

type Named<Kind> = Extract<(typeof VARIABLES)[number], { kind: Kind }>['name']

function path(env: Environment, name: Named<'path'>, cwd: string): string | null {
  const value = text(env, name)
  return value === null ? null : resolve(cwd, value)
}

function text(env: Environment, name: Named<'path' | 'text'>): string | null {
  const value = env[name]
  if (value === undefined) return null
  if (value === '') throw new ConfigError('bad-variable', `${name} is empty; give it a value or unset it`)
  return value
}

function flag(env: Environment, name: Named<'flag'>): boolean {
  const value = env[name] ?? ''
  if (['', '0', 'false'].includes(value)) return false
  if (['1', 'true'].includes(value)) return true
  throw new ConfigError('bad-variable', `${name} can't be \`${value.slice(0, 60)}\`; it must be 1 or 0`)
}

function hostEnvironment(env: Environment): Readonly<Record<string, string>> {
  const names = Object.keys(env).filter(
    (name) => (HOST_VARIABLES as readonly string[]).includes(name) || /^npm_config_/i.test(name),
  )
  return Object.freeze(
    Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]))),
  ) as Record<string, string>
}
