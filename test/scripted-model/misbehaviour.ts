import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'

// What real providers do to a client on a bad day. Each is used up after `times` model calls.

const misbehaviourSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('slow'), milliseconds: z.int().positive(), times: z.int().positive().default(1) }),
  /** The connection ends after that many pieces of the answer, none being possible. */
  z.strictObject({ kind: z.literal('cut'), after: z.int().nonnegative(), times: z.int().positive().default(1) }),
  z.strictObject({
    kind: z.literal('status'),
    status: z.int().min(400).max(599),
    /** Seconds. */
    retryAfter: z.int().nonnegative().optional(),
    times: z.int().positive().default(1),
  }),
  /** Says something in front of its words that nobody inside is to see. */
  z.strictObject({ kind: z.literal('echo'), text: z.string(), times: z.int().positive().default(1) }),
])

/** For tests of this process alone: nothing is answered until the promise is fulfilled. */
interface Hold {
  kind: 'hold'
  until: Promise<unknown>
  times?: number
}

export type Misbehaviour = z.infer<typeof misbehaviourSchema> | Hold
export type MisbehaviourSource = z.input<typeof misbehaviourSchema> | Hold

export function parseMisbehaviour(source: MisbehaviourSource): Misbehaviour {
  return source.kind === 'hold' ? source : misbehaviourSchema.parse(source)
}

export class MisbehaviourQueue {
  private readonly waiting: Misbehaviour[] = []

  add(misbehaviour: Misbehaviour): void {
    for (let left = misbehaviour.times ?? 1; left > 0; left -= 1) this.waiting.push(misbehaviour)
  }

  next(): Misbehaviour | undefined {
    return this.waiting.shift()
  }
}

/** Resolves when the first byte may be sent, or rejects when the client has left. */
export async function beforeFirstByte(misbehaviour: Misbehaviour | undefined, signal: AbortSignal): Promise<void> {
  if (misbehaviour?.kind === 'slow') await sleep(misbehaviour.milliseconds, undefined, { signal })
  if (misbehaviour?.kind === 'hold') {
    const left = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('the client has left')), { once: true })
    })
    await Promise.race([misbehaviour.until, left])
  }
  signal.throwIfAborted()
}
