// The wall of one run with everything behind it: its CA, git, the npm registry, and the open network by policy.
import type { AdvisorySource } from '../advisories/types.ts'
import type { HostGit } from '../git/host-git.ts'
import type { Authorise } from '../policy/types.ts'
import type { BlobStore, Recorder } from '../store/types.ts'
import { createRunCa } from './egress/run-ca.ts'
import { proxyEnvironment, trustEnvironment } from './egress/trust-environment.ts'
import { createGitService } from './git/git-service.ts'
import type { RunModels } from './model/open-models.ts'
import { npmEnvironment, npmGlobalConfig } from './npm/environment.ts'
import { createNpmService } from './npm/npm-service.ts'
import type { NpmUpstream } from './npm/upstream.ts'
import { openGateway } from './open-gateway.ts'
import type { Gateway, GatewayContext, GatewayRun, GatewayService } from './types.ts'
import { GATEWAY_PORT } from './types.ts'

const HOME = '/home/glovebox'
const CA = '/etc/glovebox/ca.pem'
const NPM_CONFIG = '/etc/glovebox/npmrc'
/** Where Debian's, Fedora's and Alpine's programs look when no variable tells them. */
const BUNDLES = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/cert.pem']

export interface RunGatewayParts {
  git: HostGit
  /** The registry that the machine's npm is configured for; connections are shared by all runs. */
  npm: () => Promise<NpmUpstream>
}

export interface RunGatewayOptions {
  run: GatewayRun
  socketPath: string
  quarantine: string
  originUrl: string
  baseCommit: string
  advisories: AdvisorySource
  authorise: Authorise
  /** Takes what is recorded and kept of this run. */
  store: Recorder & { readonly blobs: BlobStore }
  /** Absent, or without connections: no models. */
  models?: RunModels
  signal: AbortSignal
}

export async function openRunGateway(parts: RunGatewayParts, options: RunGatewayOptions): Promise<Gateway> {
  const { run, authorise, store, quarantine, originUrl, baseCommit, advisories } = options
  const context = { run, authorise, recorder: store, blobs: store.blobs }
  const [ca, registry] = await Promise.all([createRunCa(), parts.npm()])
  const gateway = await openGateway({
    socketPath: options.socketPath,
    context,
    services: [
      createGitService({ originUrl, quarantine, baseCommit, context, git: parts.git }),
      createNpmService({ registry, advisories, context }),
      ...modelServices(options, context),
    ],
    ca,
    signal: options.signal,
  })
  return {
    trustFiles: [
      ...[CA, ...BUNDLES].map((target) => ({ target, content: ca.certificatePem })),
      { target: NPM_CONFIG, content: npmGlobalConfig(registry) },
    ],
    environment: {
      ...trustEnvironment(CA, CA),
      ...proxyEnvironment(GATEWAY_PORT),
      ...npmEnvironment(registry, HOME, NPM_CONFIG),
    },
    close: () => gateway.close(),
  }
}

function modelServices({ models }: RunGatewayOptions, context: GatewayContext): GatewayService[] {
  return models === undefined || models.connections.length === 0 ? [] : [models.service(context)]
}
