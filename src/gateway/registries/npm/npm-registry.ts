// The kind of registry for npm.
import { join } from 'node:path'
import type { Secret } from '../../../credentials/types.ts'
import { plainSecret } from '../../plain-secret.ts'
import type { RegistryKind, RegistryRow } from '../types.ts'
import { readNpmConfiguration } from './configuration.ts'
import { npmEnvironment, npmGlobalConfig } from './environment.ts'
import { createNpmService } from './npm-service.ts'
import { registryPlace } from './place.ts'
import { createNpmUpstream, type NpmUpstream } from './upstream.ts'

const FILE = 'npmrc'
const PROBE_MS = 10_000

export function npmRegistry(upstream: NpmUpstream): RegistryKind {
  return {
    name: 'npm',
    secrets: upstream.authorizations.flatMap(secretsOf),
    advisories: upstream,
    service: (parts) => createNpmService({ ...parts, registry: upstream }),
    environment: ({ home, config }) => npmEnvironment(upstream, home, join(config, FILE)),
    files: ({ config }) => [{ target: join(config, FILE), content: npmGlobalConfig(upstream) }],
    answers: () => ping(upstream),
  }
}

/** Accepts any answer, because a registry that demands a credential for its root is reachable, too. */
async function ping(upstream: NpmUpstream): Promise<string> {
  const [registry] = upstream.registries
  if (registry === undefined) throw new Error('npm names no registry')
  const place = registryPlace(new URL('-/ping', registry), upstream.registries)
  const { status, body } = await upstream.ask({
    method: 'GET',
    place,
    headers: {},
    signal: AbortSignal.timeout(PROBE_MS),
  })
  body.destroy()
  return `${registry.href} answers (${status})`
}

export const NPM: RegistryRow = {
  name: 'npm',
  async open({ environment, outgoing }) {
    const upstream = createNpmUpstream(await readNpmConfiguration({ env: environment }), outgoing)
    return { ...npmRegistry(upstream), [Symbol.asyncDispose]: () => upstream[Symbol.asyncDispose]() }
  },
  cure: 'set `npm config set registry URL` (and `cafile`, `proxy` where needed) for the account that runs Glovebox',
}

/** Secrets in an Authorization header: the encoded credential and its decoded form. */
function secretsOf(authorization: string): Secret[] {
  const value = authorization.replace(/^\S+\s+/, '')
  const [, password = ''] = /^[^:]*:(.*)$/s.exec(Buffer.from(value, 'base64').toString('utf8')) ?? []
  return [value, password].filter((text) => text !== '').map(plainSecret)
}
