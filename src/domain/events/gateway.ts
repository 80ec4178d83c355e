// What crossed, or tried to cross, the wall. `source` is `gateway`.
import { z } from 'zod'
import { Count, DecisionSummary, Digest, ObjectId } from './fields.ts'

export const NetRequested = z
  .object({
    method: z.string(),
    url: z.string().describe('scheme, host, port, path and query as decided upon; credentials never appear'),
    service: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,31}$/)
      .describe('what answered: `egress`, `git`, `advisories`, or a kind of registry such as `npm`'),
    status: z
      .int()
      .describe('HTTP status that the sandbox got, or the gateway where it then followed a redirect of a registry'),
    requestBytes: Count,
    responseBytes: Count,
    requestDigest: Digest.optional(),
    responseDigest: Digest.optional().describe('the body, kept as a blob'),
    requestHeaders: Digest.optional().describe('what was sent on, kept as a blob: no credentials'),
    responseHeaders: Digest.optional().describe('what the server answered with, kept in the same way'),
    redirectedFrom: z
      .string()
      .optional()
      .describe('the URL of the request that a registry redirected here; the query of such a URL is not recorded'),
    decision: DecisionSummary,
    note: z.string().optional().describe('why it was refused or failed'),
  })
  .describe('An HTTP request that reached the gateway, answered or refused')

export const NetTunnelled = z
  .object({
    authority: z.string().describe('`host:port` of CONNECT'),
    servername: z.string().nullable().describe('what the TLS handshake asked for (SNI); null: nothing'),
    receivedBytes: Count.describe('from the sandbox after CONNECT, TLS included'),
    sentBytes: Count.describe('to the sandbox'),
    wallMs: z.number(),
  })
  .describe(
    'A tunnel to the gateway was opened by CONNECT and closed without an HTTP request in it; nothing went outside',
  )

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
  result: z.string().describe('`ok`, or the reason of the refusal as git reports it'),
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
  .describe('One question that was put to the policies, and their answer')

export const CredentialUsed = z
  .object({
    connection: z.string(),
    purpose: z.string(),
    host: z.string(),
  })
  .describe('The platform used a credential on the far side of the wall')

export const GATEWAY_EVENTS = {
  'net.requested': NetRequested,
  'net.tunnelled': NetTunnelled,
  'git.fetched': GitFetched,
  'git.pushed': GitPushed,
  'policy.decided': PolicyDecided,
  'credential.used': CredentialUsed,
} as const
