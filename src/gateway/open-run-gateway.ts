// The wall of one run with everything behind it: its CA, git, the registries, and the open network by policy.
import type { AdvisorySource } from '../advisories/types.ts'
import type { Secret } from '../credentials/types.ts'
import type { HostGit } from '../git/host-git.ts'
import { DIRECT, type Outgoing } from '../outgoing/settings.ts'
import type { Authorise } from '../policy/types.ts'
import type { BlobStore, Recorder } from '../store/types.ts'
import { createRunCa } from './egress/run-ca.ts'
import { javaEnvironment, javaTrustFile, proxyEnvironment, trustEnvironment } from './egress/trust-environment.ts'
import { createGitService } from './git/git-service.ts'
import type { RunModels } from './model/open-models.ts'
import { openGateway } from './open-gateway.ts'
import { plainSecret } from './plain-secret.ts'
import type { RegistryKind } from './registries/types.ts'
import type { Gateway, GatewayContext, GatewayRun, GatewayService } from './types.ts'
import { GATEWAY_PORT } from './types.ts'

const PLACES = { home: '/home/glovebox', config: '/etc/glovebox' }
const CA = `${PLACES.config}/ca.pem`
const JAVA_TRUST_STORE = `${PLACES.config}/ca.jks`
/** Where Debian's, Fedora's and Alpine's programs look when no variable tells them. */
const BUNDLES = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/cert.pem']

export interface RunGatewayParts {
  git: HostGit
  /** The registries that this machine is configured for; their connections are shared by all runs. */
  registries: () => Promise<readonly RegistryKind[]>
  /** How this machine reaches the outside; default: directly. */
  outgoing?: Outgoing
  /** Configured secrets besides those of registries, to be kept out of the record. */
  secrets?: () => Promise<readonly Secret[]>
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
  const { outgoing = DIRECT } = parts
  const [ca, registries] = await Promise.all([createRunCa(), parts.registries()])
  const secrets = async (): Promise<readonly Secret[]> => [
    ...registries.flatMap((registry) => registry.secrets),
    ...proxySecrets(outgoing),
    ...((await parts.secrets?.()) ?? []),
  ]
  const context = { run, authorise, recorder: store, blobs: store.blobs, secrets }
  const gateway = await openGateway({
    socketPath: options.socketPath,
    context,
    services: [
      createGitService({ originUrl, quarantine, baseCommit, context, git: parts.git }),
      ...registries.map((registry) => registry.service({ context, advisories })),
      ...modelServices(options, context),
    ],
    ca,
    outgoing,
    signal: options.signal,
  })
  return {
    trustFiles: [
      ...[CA, ...BUNDLES].map((target) => ({ target, content: ca.certificatePem })),
      javaTrustFile(ca.certificatePem, JAVA_TRUST_STORE),
      ...registries.flatMap((registry) => registry.files(PLACES)),
    ],
    environment: {
      ...trustEnvironment(CA, CA),
      ...proxyEnvironment(GATEWAY_PORT),
      ...javaEnvironment(GATEWAY_PORT, JAVA_TRUST_STORE),
      ...Object.assign({}, ...registries.map((registry) => registry.environment(PLACES))),
    },
    close: () => gateway.close(),
  }
}

function proxySecrets({ httpProxy, httpsProxy }: Outgoing): Secret[] {
  const passwords = [httpProxy, httpsProxy].flatMap((proxy) => proxy?.password ?? [])
  return [...new Set(passwords)].filter((text) => text !== '').map((text) => plainSecret(decodeURIComponent(text)))
}

function modelServices({ models }: RunGatewayOptions, context: GatewayContext): GatewayService[] {
  return models === undefined || models.connections.length === 0 ? [] : [models.service(context)]
}
