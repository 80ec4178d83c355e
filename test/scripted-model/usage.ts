import type { ReplyCall, Usage } from './wire.ts'

const BYTES_PER_TOKEN = 4

export function tokensOf(text: string | Buffer): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN)
}

/** Figures that follow from sizes alone, so that a test can work out what has to be on the record. */
export function usageOf(request: Buffer, results: number, text: string, calls: ReplyCall[]): Usage {
  const input = tokensOf(request)
  return {
    input,
    // A provider has seen all but the last bit of a conversation before.
    cached: results === 0 ? 0 : Math.floor(input / 2),
    output: tokensOf(text) + tokensOf(calls.map((call) => JSON.stringify(call.arguments)).join('')),
  }
}
