// Reads the body of a request. It must have the endpoint's media type, and its size is bounded while it is read.
import { ServiceError } from '../services/types.ts'

export interface BodyRule {
  type: string
  maxBytes: number
}

export async function readBody(request: Request, { type, maxBytes }: BodyRule): Promise<Uint8Array> {
  const given = (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase()
  if (given !== type) throw new ServiceError('bad-input', `The body must be ${type}`)
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes)
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body ?? []) {
    length += chunk.length
    if (length > maxBytes) throw tooLarge(maxBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, length)
}

export function tooLarge(maxBytes: number): ServiceError {
  return new ServiceError('too-large', `The body of this request must be at most ${maxBytes} bytes`)
}
