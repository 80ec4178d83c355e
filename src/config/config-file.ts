// Reads and checks the configuration file, <data>/glovebox.yaml.
import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { AgentDefinition, AgentName } from '../domain/agent-definition.ts'
import { AgentDefaults } from '../domain/agent-defaults.ts'
import { Budgets } from '../domain/budget.ts'
import { ModelConnection } from '../domain/connections/model-connection.ts'
import { ConnectionName } from '../domain/connections/connection-name.ts'
import type { SecretSource } from '../domain/connections/secret-source.ts'
import { AddedKinds } from '../domain/inspection/protected-kinds.ts'
import { suggestion } from '../domain/nearest-word.ts'
import { ReachName, ReachSet } from '../domain/reach.ts'
import { schemaProblems } from '../domain/task/schema-problems.ts'
import { BUILT_IN_TOOLCHAIN, Bytes, PROJECT_TOOLCHAIN, SYSTEM_TOOLCHAIN } from '../domain/task/task.ts'
import type { SourceProblem } from '../domain/task/source-problem.ts'
import { readYaml, type YamlSource } from '../domain/task/yaml-source.ts'
import { parseProxy } from '../outgoing/settings.ts'
import { ConfigError, fileError } from './config-error.ts'

/** Kinds of sandbox that can be configured. */
export const SANDBOX_KINDS = ['bubblewrap', 'docker'] as const

/** OCI runtimes for which Glovebox knows what the guest can record. */
export const RUNTIMES = ['runc', 'crun', 'runsc'] as const

const Folder = z.string().min(1)
/** Wider than the grammar of image references, but without characters that have a meaning in a URL. */
const ImageName = z
  .string()
  .max(512)
  .regex(/^[a-z0-9][A-Za-z0-9._:/@-]*$/, 'a name, with a tag or digest, or an id such as sha256:...')
const ToolchainName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'lowercase letters, digits and dashes, starting with a letter')
  .refine(
    (name) => ![PROJECT_TOOLCHAIN, BUILT_IN_TOOLCHAIN, SYSTEM_TOOLCHAIN].includes(name),
    'a name other than `built-in` and `system`',
  )
const SocketPath = z
  .string()
  .min(1)
  .refine(
    (path) => !path.includes('://'),
    'a path: containers share folders of this host, so the engine must run on this host',
  )
const Uid = z.int().min(1).max(4_294_967_294)

const ProxyUrl = z
  .string()
  .max(512)
  .refine((text) => text === 'none' || parseProxy(text) !== null, 'an http:// or https:// URL, or `none`')
  .refine(
    (text) => text === 'none' || isWithoutUser(text),
    'a URL without user and password: put them into HTTPS_PROXY',
  )

function isWithoutUser(text: string): boolean {
  const url = parseProxy(text)
  return url === null || (url.username === '' && url.password === '')
}

/** A model connection in the file: the section gives its kind, the key gives its name. */
export const ModelEntry = ModelConnection.omit({ kind: true, name: true })

export const ConfigFile = z.strictObject({
  advisories: z
    .union([
      z.strictObject({ kind: z.literal('upstream') }),
      z.strictObject({ kind: z.literal('osv-directory'), path: Folder }),
    ])
    .optional()
    .describe('source of the answers to npm audits'),
  policies: z
    .strictObject({
      enable: z.array(z.string().min(1)).max(100).default([]).describe('ids of optional policies, such as `solo`'),
      folders: z
        .array(Folder)
        .max(20)
        .default([])
        .describe('folders of .cedar files with policies besides the built-in ones'),
    })
    .prefault({})
    .describe('policies besides the built-in ones'),
  services: z
    .array(z.string().regex(/^[A-Za-z0-9._@+-]{1,128}$/, 'letters, digits and . _ @ + -'))
    .max(1000)
    .default([])
    .describe('names that `--as service:<name>` may use'),
  limits: z
    .strictObject({
      memory: Bytes.optional().describe('default: three quarters of the machine’s memory'),
      processes: z.int().min(8).optional(),
      workspace: Bytes.optional(),
      record: Bytes.optional(),
    })
    .prefault({})
    .describe('upper bounds of the limits of every task'),
  reach: z.record(ReachName, ReachSet).default({}).describe('hosts that tasks may reach, by the name in their `reach`'),
  toolchains: z
    .record(ToolchainName, Folder)
    .default({})
    .describe('folders with `bin/node`, by the name that tasks give as their `toolchain`'),
  sandbox: z
    .strictObject({
      kind: z.enum(SANDBOX_KINDS).optional().describe('kind of sandboxes; default: bubblewrap'),
      'uid-range': z
        .tuple([Uid, Uid])
        .refine(([low, high]) => low <= high, 'the first uid is above the last')
        .optional()
        .describe('host uids that sandboxes get when Glovebox runs as root'),
      directory: Folder.optional().describe('where sandbox directories are made'),
      image: ImageName.optional().describe('docker: the image, by name, tag or digest; it is never pulled'),
      socket: SocketPath.optional().describe(
        'docker: the unix socket of the engine, or of Podman; default: /var/run/docker.sock',
      ),
      runtime: z
        .enum(RUNTIMES)
        .optional()
        .describe("docker: the OCI runtime; default: the engine's own. Under `runsc` (gVisor) steps are not recorded"),
    })
    .prefault({})
    .describe('how sandboxes are made'),
  outgoing: z
    .strictObject({
      proxy: ProxyUrl.optional().describe(
        'the HTTP proxy; default: HTTPS_PROXY, HTTP_PROXY and ALL_PROXY; `none`: no proxy',
      ),
      'no-proxy': z
        .array(z.string().min(1).max(256))
        .max(1000)
        .optional()
        .describe('names, suffixes, addresses and networks to reach without the proxy; default: NO_PROXY'),
      'ca-files': z
        .array(Folder)
        .max(20)
        .default([])
        .describe('files of CA certificates in PEM to trust besides those of this machine'),
    })
    .prefault({})
    .describe('how Glovebox and git on this host reach the network'),
  repositories: z
    .record(
      z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$/, 'letters, digits and . _ - /, such as `shop/storefront`'),
      z.string().min(1).max(4096),
    )
    .default({})
    .describe(
      "by name: the absolute path or URL of a repository. Callers over TCP may only name one of these; only the owner may name other paths of the server's machine",
    ),
  'protected-paths': AddedKinds.default({}).describe(
    'protected paths besides the built-in ones, by name of their kind (inspection.md)',
  ),
  models: z.record(ConnectionName, ModelEntry).default({}).describe('model connections, by name'),
  budgets: Budgets.prefault({}).describe('bounds on the use of models by runs; an absent field has no bound'),
  agents: AgentDefaults.extend({
    'ask-minutes': z
      .int()
      .min(1)
      .max(1440)
      .default(10)
      .describe('minutes that a request for permission waits for a person before it is denied; 1 to 1440'),
    custom: z
      .record(AgentName, AgentDefinition.omit({ name: true }))
      .default({})
      .describe('your own agents, by name'),
  })
    .prefault({})
    .describe('defaults for agent steps of tasks'),
})
export type ConfigFile = z.infer<typeof ConfigFile>

/**
 * Reads the file, with paths relative to its folder. Returns the defaults if the file is missing. `presetAgents`: see
 * ConfigSources.
 */
export function readConfigFile(path: string, presetAgents: readonly string[] | null): ConfigFile {
  const text = readSafely(path)
  const { source, problems } = text === null || isEmpty(text) ? { source: null, problems: [] } : readYaml(text)
  if (problems.length > 0) throw fileError(path, problems)
  const parsed = ConfigFile.safeParse(source === null ? {} : source.value)
  if (!parsed.success)
    throw fileError(path, source === null ? [] : schemaProblems(ConfigFile, parsed.error.issues, source))
  const unknown = source === null || presetAgents === null ? [] : unknownAgents(parsed.data, presetAgents, source)
  if (unknown.length > 0) throw fileError(path, unknown)
  return resolvePaths(parsed.data, dirname(path))
}

function unknownAgents({ agents }: ConfigFile, presets: readonly string[], source: YamlSource): SourceProblem[] {
  const known = [...new Set([...presets, ...Object.keys(agents.custom)])]
  const asked = agents.default === undefined || known.includes(agents.default) ? [] : [agents.default]
  return [
    ...asked.map((name) => ({
      ...source.placeOf(['agents', 'default']),
      message: `agents.default names \`${name}\`, but there is no such agent`,
      cure: suggestion(name, known),
    })),
    ...Object.keys(agents.folders)
      .filter((name) => !known.includes(name))
      .map((name) => ({
        ...source.placeOfKey(['agents', 'folders'], name),
        message: `agents.folders names \`${name}\`, but there is no such agent`,
        cure: suggestion(name, known),
      })),
  ]
}

function resolvePaths(file: ConfigFile, base: string): ConfigFile {
  const { advisories, policies, sandbox, outgoing, models, agents } = file
  return {
    ...file,
    ...(advisories?.kind === 'osv-directory'
      ? { advisories: { ...advisories, path: resolve(base, advisories.path) } }
      : {}),
    toolchains: mapValues(file.toolchains, (folder) => resolve(base, folder)),
    policies: { ...policies, folders: policies.folders.map((folder) => resolve(base, folder)) },
    sandbox: {
      ...sandbox,
      ...(sandbox.directory === undefined ? {} : { directory: resolve(base, sandbox.directory) }),
      ...(sandbox.socket === undefined ? {} : { socket: resolve(base, sandbox.socket) }),
    },
    outgoing: { ...outgoing, 'ca-files': outgoing['ca-files'].map((path) => resolve(base, path)) },
    models: mapValues(models, (entry) => ({ ...entry, credential: resolveSource(entry.credential, base) })),
    agents: { ...agents, folders: mapValues(agents.folders, (folder) => resolve(base, folder)) },
  }
}

function resolveSource(source: SecretSource, base: string): SecretSource {
  if (source.from === 'file') return { ...source, path: resolve(base, source.path) }
  if (source.from !== 'vault' || source.token.from !== 'file') return source
  return { ...source, token: { ...source.token, path: resolve(base, source.token.path) } }
}

function mapValues<T>(values: Readonly<Record<string, T>>, change: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]))
}

function isEmpty(text: string): boolean {
  return text.split('\n').every((line) => /^\s*(#.*)?$/.test(line))
}

function readSafely(path: string): string | null {
  try {
    refuseUnsafe(path)
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof ConfigError) throw error
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw new ConfigError('bad-file', `${path}: can't be read: ${message}`)
  }
}

function refuseUnsafe(path: string): void {
  const file = statSync(path)
  if (!file.isFile()) throw new ConfigError('bad-file', `${path}: is not a regular file`)
  if ((file.mode & 0o002) !== 0)
    throw new ConfigError('unsafe-file', `${path}: every user may write it; run chmod o-w ${path}`)
}
