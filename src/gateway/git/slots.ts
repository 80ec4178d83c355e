// Limit of concurrent requests; further ones wait in order. Each fetch runs a git on the host, outside the run's
// limits.
import { Readable } from 'node:stream'
import type { GatewayResponse } from '../types.ts'

type Serve = () => Promise<GatewayResponse>

/** An answer that streams keeps its slot until its stream has closed. */
export function createSlots(count: number): (serve: Serve) => Promise<GatewayResponse> {
  let free = count
  const waiting: (() => void)[] = []

  async function take(): Promise<void> {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
  }

  function release(): void {
    const next = waiting.shift()
    if (next) next()
    else free += 1
  }

  return async (serve) => {
    await take()
    let streams = false
    try {
      const answer = await serve()
      streams = answer.body instanceof Readable && !answer.body.closed
      if (streams) (answer.body as Readable).once('close', release)
      return answer
    } finally {
      if (!streams) release()
    }
  }
}
