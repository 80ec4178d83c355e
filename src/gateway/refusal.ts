// The explanation of a refusal for an agent or a person: the refused request, the rule, and what is reachable instead.
import type { DecisionSummary } from '../domain/events/fields.ts'
import { printable } from '../domain/byte-text.ts'
import { GatewayError, type GatewayErrorCode } from './gateway-error.ts'
import type { GatewayResponse } from './types.ts'

export interface Refusal {
  status: number
  code: GatewayErrorCode | 'denied' | 'unrecorded' | 'not-a-website'
  /** One sentence. */
  message: string
  method: string
  url: string
  decision: DecisionSummary | null
  /** Reachable destinations, one per line. */
  reachable: readonly string[]
}

const STATUS: Record<GatewayErrorCode, number> = {
  'bad-authority': 400,
  'bad-request': 400,
  misdirected: 421,
  unsupported: 501,
  'too-large': 413,
  'forbidden-address': 403,
  unresolvable: 502,
  unreachable: 502,
  timeout: 504,
  'bad-upstream': 502,
  'bad-configuration': 500,
}

/** Description of an error for the sandbox. Hides unknown errors, because they may name host paths. */
export function failureOf(error: unknown): Pick<Refusal, 'status' | 'code' | 'message'> {
  if (error instanceof GatewayError) return { status: STATUS[error.code], code: error.code, message: error.message }
  return { status: 503, code: 'unrecorded', message: 'The gateway could not decide on or record this request.' }
}

export function denial(decision: DecisionSummary): Pick<Refusal, 'status' | 'code' | 'message' | 'decision'> {
  const message =
    decision.reasons.length === 0 ? 'No policy permits it.' : `Forbidden by policy: ${decision.reasons.join(', ')}.`
  return { status: 403, code: 'denied', message, decision }
}

const ADVICE = "Trying again does not help: the task's `reach` and the platform's policies decide what a run may reach."

/** Answer in JSON if the client accepts it, otherwise in plain text. `accept` is attacker-controlled. */
export function explain(refusal: Refusal, accept: string | undefined): GatewayResponse {
  const json = accept !== undefined && /\bapplication\/([a-z0-9.+-]+\+)?json\b/i.test(accept)
  return {
    status: refusal.status,
    headers: {
      'content-type': json ? 'application/json' : 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-glovebox-refused': refusal.code,
    },
    body: Buffer.from(json ? asJson(refusal) : asText(refusal)),
  }
}

function asJson(refusal: Refusal): string {
  const { message, code, method, url, decision, reachable } = refusal
  const error = `Glovebox refused ${method} ${url}: ${message}`
  return JSON.stringify({ error, code, method, url, message, reasons: decision?.reasons ?? [], reachable })
}

function asText(refusal: Refusal): string {
  const lines = [
    `Glovebox refused: ${printable(refusal.method)} ${printable(refusal.url)}`,
    `Why: ${printable(refusal.message)}`,
    'Reachable from this sandbox:',
    ...refusal.reachable.map((entry) => `  ${entry}`),
    ...(refusal.status === 403 ? [ADVICE] : []),
  ]
  return `${lines.join('\n')}\n`
}
