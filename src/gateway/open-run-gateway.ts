// The complete gateway of one run: its CA, git, the registries, models, and the open network by policy.
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
/** Default certificate files of Debian, Fedora and Alpine, for programs that read no variable. */
const BUNDLES = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/cert.pem']

export interface RunGatewayParts {
  git: HostGit
  /** The registries that this machine is configured for. All runs share their connections. */
  registries: () => Promise<readonly RegistryKind[]>
  /** Way of this machine to the outside; default: direct connections. */
  outgoing?: Outgoing
  /** Configured secrets besides those of registries, which must not reach the record. */
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
  /** Store for this run's events and blobs. */
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
