// Events of traffic through the gateway, permitted or refused. `source` is `gateway`.
import { z } from 'zod'
import { Count, DecisionSummary, Digest, ObjectId } from './fields.ts'

export const NetRequested = z
  .object({
    method: z.string(),
    url: z.string().describe('scheme, host, port, path and query that the policy decided on; without credentials'),
    service: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,31}$/)
      .describe(
        'the answering part of the gateway: `egress`, `git`, `advisories`, or a kind of registry such as `npm`',
      ),
    status: z
      .int()
      .describe(
        'HTTP status sent to the sandbox, or received by the gateway if it then followed a redirect of a registry',
      ),
    requestBytes: Count,
    responseBytes: Count,
    requestDigest: Digest.optional(),
    responseDigest: Digest.optional().describe('blob: the body of the response'),
    requestHeaders: Digest.optional().describe('blob: the headers sent to the server, without credentials'),
    responseHeaders: Digest.optional().describe("blob: the headers of the server's response, without secrets"),
    redirectedFrom: z
      .string()
      .optional()
      .describe('the URL of the request that a registry redirected to this one, without its query'),
    decision: DecisionSummary,
    note: z.string().optional().describe('the reason of a refusal or failure'),
  })
  .describe('An HTTP request that reached the gateway, answered or refused')

export const NetTunnelled = z
  .object({
    authority: z.string().describe('`host:port` of CONNECT'),
    servername: z.string().nullable().describe('the server name in the TLS handshake (SNI); null if none was sent'),
    receivedBytes: Count.describe('bytes from the sandbox after CONNECT, including TLS'),
    sentBytes: Count.describe('bytes to the sandbox'),
    wallMs: z.number(),
  })
  .describe('A CONNECT tunnel to the gateway was opened and closed without an HTTP request; nothing was sent outside')

export const GitFetched = z
  .object({
    repository: z.string(),
    command: z.enum(['ls-refs', 'fetch']),
    wants: z.array(ObjectId),
    decision: DecisionSummary,
  })
  .describe('The sandbox listed refs or fetched objects from its quarantine repository')

export const RefUpdate = z.object({
  ref: z.string(),
  old: ObjectId,
  new: ObjectId,
  result: z.string().describe("`ok`, or git's reason of the refusal"),
})

export const GitPushed = z
  .object({
    repository: z.string(),
    accepted: z.boolean(),
    updates: z.array(RefUpdate),
    packBytes: Count,
    decision: DecisionSummary,
  })
  .describe('The sandbox pushed, or tried to push, into quarantine')

export const PolicyDecided = z
  .object({
    action: z.string(),
    resource: z.string(),
    allowed: z.boolean(),
    reasons: z.array(z.string()),
    errors: z.array(z.string()).describe('errors while deciding; any error denies'),
  })
  .describe('The policies answered one question')

export const CredentialUsed = z
  .object({
    connection: z.string(),
    purpose: z.string(),
    host: z.string(),
  })
  .describe('The platform used a credential outside the sandbox')

export const GATEWAY_EVENTS = {
  'net.requested': NetRequested,
  'net.tunnelled': NetTunnelled,
  'git.fetched': GitFetched,
  'git.pushed': GitPushed,
  'policy.decided': PolicyDecided,
  'credential.used': CredentialUsed,
} as const
