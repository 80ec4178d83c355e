import type { IncomingHttpHeaders } from 'node:http'
import type { WireKind } from './wire.ts'

/** The key as each provider's clients send it. */
export function presentedKey(wire: WireKind, headers: IncomingHttpHeaders, url: URL): string | undefined {
  const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1]
  switch (wire) {
    case 'anthropic':
      return single(headers['x-api-key']) ?? bearer
    case 'gemini':
      return single(headers['x-goog-api-key']) ?? url.searchParams.get('key') ?? undefined
    default:
      return bearer
  }
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(',') : value
}
