// Formats refusals and failures like errors of the provider, so that agents read them and stop. Official clients retry on
// 408, 409, 429 and 5xx, so a refusal uses none of these. Agents retry on more: Claude Code retries for half a minute after
// a 401, and sends a changed request after a 400. Codex retries six times after any status except 400.
import type { ProviderKind } from '../../../domain/connections/model-connection.ts'
import type { GatewayResponse } from '../../types.ts'
import type { ModelRefusal } from '../request/model-request-error.ts'

export type ProblemKind = ModelRefusal | 'bad-gateway' | 'timeout' | 'provider-credential'

interface Words {
  status: number
  anthropic: string
  openai: { type: string; code: string | null }
  gemini: string
}

const WORDS: Readonly<Record<ProblemKind, Words>> = {
  request: words(400, 'invalid_request_error', 'invalid_request_error', null, 'INVALID_ARGUMENT'),
  policy: words(403, 'permission_error', 'invalid_request_error', 'permission_denied', 'PERMISSION_DENIED'),
  'server-tool': words(403, 'permission_error', 'invalid_request_error', 'tool_not_permitted', 'PERMISSION_DENIED'),
  field: words(403, 'permission_error', 'invalid_request_error', 'field_not_permitted', 'PERMISSION_DENIED'),
  model: words(404, 'not_found_error', 'invalid_request_error', 'model_not_found', 'NOT_FOUND'),
  budget: words(402, 'billing_error', 'insufficient_quota', 'insufficient_quota', 'RESOURCE_EXHAUSTED'),
  credential: words(401, 'authentication_error', 'invalid_request_error', 'invalid_api_key', 'UNAUTHENTICATED'),
  'provider-credential': words(
    401,
    'authentication_error',
    'invalid_request_error',
    'invalid_api_key',
    'UNAUTHENTICATED',
  ),
  // The provider repeatedly gave no answer; this error is as final as a refusal.
  unreachable: words(402, 'api_error', 'invalid_request_error', 'provider_unreachable', 'FAILED_PRECONDITION'),
  'bad-gateway': words(502, 'api_error', 'server_error', 'bad_gateway', 'UNAVAILABLE'),
  timeout: words(504, 'timeout_error', 'server_error', 'timeout', 'DEADLINE_EXCEEDED'),
}

function words(status: number, anthropic: string, type: string, code: string | null, gemini: string): Words {
  return { status, anthropic, openai: { type, code }, gemini }
}

export interface Problem {
  kind: ProblemKind
  message: string
  /** Only if it differs from the usual status of the kind. */
  status?: number | null
}

export function problemResponse(
  provider: ProviderKind,
  problem: Problem,
): GatewayResponse & { body: Uint8Array; status: number } {
  const told = WORDS[problem.kind]
  const status = stoppingStatus(provider, problem.status ?? told.status)
  return {
    status,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-glovebox-refused': problem.kind,
      ...(status < 500 && { 'x-should-retry': 'false' }),
    },
    body: Buffer.from(JSON.stringify(bodyOf(provider, status, told, `Glovebox: ${problem.message}`))),
  }
}

/** Replaces statuses after which the agents of that provider would retry. */
function stoppingStatus(provider: ProviderKind, status: number): number {
  const told = [401, 402, 403].includes(status)
  if (provider === 'anthropic') return status === 401 ? 402 : status
  return told ? 400 : status
}

function bodyOf(provider: ProviderKind, status: number, told: Words, message: string): unknown {
  if (provider === 'anthropic') return { type: 'error', error: { type: told.anthropic, message } }
  if (provider === 'gemini') return { error: { code: status, message, status: told.gemini } }
  return { error: { message, type: told.openai.type, param: null, code: told.openai.code } }
}
