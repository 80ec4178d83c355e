// Reader of this machine's npm configuration, so that a company's mirror, CA, proxy and token are used unchanged. Runs
// npm in an empty folder of ours, because in a workspace npm would obey the workspace's .npmrc (invariants 4 and 5).
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { GatewayError } from '../../gateway-error.ts'
import { parseCredentials, type RegistryCredential } from './npmrc.ts'

export interface NpmConfiguration {
  /** With a trailing slash. */
  registry: URL
  /** Maps a scope, with its @, to its registry. */
  scopes: ReadonlyMap<string, URL>
  /** PEM certificates; null: the machine's trusted certificates. */
  ca: readonly string[] | null
  strictSsl: boolean
  /** Proxies for connections to the registry. */
  httpProxy: string | null
  httpsProxy: string | null
  /** Hosts and domain suffixes that need no proxy. */
  noProxy: readonly string[]
  /** Secret. Keyed by `//host/path/`. */
  credentials: ReadonlyMap<string, RegistryCredential>
}

export interface NpmProgram {
  /** Glovebox's own environment: PATH, HOME and npm_config_* determine npm's configuration. */
  env: Readonly<Record<string, string | undefined>>
  /** argv of npm programs without the subcommand; the first existing program is used. */
  commands?: readonly (readonly [string, ...string[]])[]
}

const run = promisify(execFile)
const TIMEOUT_MS = 30_000
const NULLABLE = z
  .string()
  .nullish()
  .transform((value) => value ?? null)

const Listed = z.looseObject({
  registry: z.string(),
  cafile: NULLABLE,
  ca: z.union([z.string(), z.array(z.string())]).nullish(),
  'strict-ssl': z.boolean().default(true),
  proxy: z.union([z.string(), z.literal(false)]).nullish(),
  'https-proxy': z.union([z.string(), z.literal(false)]).nullish(),
  noproxy: z.union([z.string(), z.array(z.string())]).nullish(),
  userconfig: NULLABLE,
  globalconfig: NULLABLE,
})

/** Rejects with `bad-configuration` when npm can't be run or its answer is invalid. */
export async function readNpmConfiguration(program: NpmProgram): Promise<NpmConfiguration> {
  const listed = Listed.safeParse(JSON.parse(await askNpm(program)))
  if (!listed.success)
    throw bad(
      'npm does not print its registry; if its URL contains a password, configure that as _auth or _authToken',
      listed.error,
    )
  const settings = listed.data
  const files = await Promise.all([settings.userconfig, settings.globalconfig].map(readOptional))
  return {
    registry: registryUrl(settings.registry),
    scopes: scopesOf(settings),
    ca: await certificates(settings.cafile, settings.ca),
    strictSsl: settings['strict-ssl'],
    httpProxy: settings.proxy || null,
    httpsProxy: settings['https-proxy'] || settings.proxy || null,
    noProxy: [settings.noproxy ?? []]
      .flat()
      .flatMap((entry) => entry.split(','))
      .map((entry) => entry.trim())
      .filter(Boolean),
    credentials: parseCredentials(files, program.env),
  }
}

async function askNpm(program: NpmProgram): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'glovebox-npm-'))
  try {
    // npm searches for a project upwards from its folder. This file makes our folder an empty project.
    await writeFile(join(folder, 'package.json'), '{}\n')
    for (const [file, ...args] of program.commands ?? [['npm']]) {
      try {
        const options = { cwd: folder, env: { ...program.env }, timeout: TIMEOUT_MS, maxBuffer: 4 * 1024 ** 2 }
        return (await run(file, [...args, 'config', 'ls', '-l', '--json'], options)).stdout
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw bad('npm did not print its configuration', error)
      }
    }
    throw bad('npm is not installed')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function scopesOf(settings: Readonly<Record<string, unknown>>): Map<string, URL> {
  const scopes = new Map<string, URL>()
  for (const [key, value] of Object.entries(settings)) {
    const [, scope] = /^(@[^:/]+):registry$/.exec(key) ?? []
    if (scope !== undefined && typeof value === 'string') scopes.set(scope, registryUrl(value))
  }
  return scopes
}

/** Refuses user and password in a registry's URL, because npm would write them into lockfiles and logs inside. */
function registryUrl(text: string): URL {
  const url = URL.parse(text.endsWith('/') ? text : `${text}/`)
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '')
    throw bad('the registry is not an http(s) URL')
  if (url.username !== '' || url.password !== '')
    throw bad('the URL of the registry contains a password; configure it as _auth or _authToken')
  return url
}

async function certificates(
  cafile: string | null,
  ca: string | readonly string[] | null | undefined,
): Promise<readonly string[] | null> {
  const inline = [ca ?? []].flat().map((pem) => pem.replaceAll('\\n', '\n'))
  if (inline.length > 0) return inline
  if (!cafile) return null
  return [
    await readFile(cafile, 'utf8').catch((error: unknown) => {
      throw bad(`cafile ${cafile} can't be read`, error)
    }),
  ]
}

async function readOptional(path: string | null): Promise<string> {
  if (!path) return ''
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return ''
    throw bad(`${path} can't be read`, error)
  })
}

function bad(why: string, cause?: unknown): GatewayError {
  return new GatewayError('bad-configuration', `The npm configuration can't be used: ${why}.`, { cause })
}
