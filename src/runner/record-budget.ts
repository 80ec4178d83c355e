// Budget for the record of one run. Every action in a sandbox is recorded, so without a bound a loop of refused
// requests, of processes with long arguments or of pushes would fill the disk that all runs share.
import type { NewEvent } from '../domain/event.ts'
import type { BlobStore, Recorder } from '../store/types.ts'

export interface RunStore extends Recorder {
  readonly blobs: BlobStore
}

/** Bytes of a row of the events table and its index entries, without the body. */
const EVENT_BYTES = 512

/**
 * Store that accepts records until the budget is used up. Then it calls `onOver` once and refuses all further records,
 * so that the services refuse their requests, too (invariant 3). It always accepts the platform's own events, because
 * the end of the run must be on the record.
 */
export function withinBudget(store: RunStore, limitBytes: number, onOver: () => void): RunStore {
  let spent = 0
  const spend = (bytes: number): void => {
    spent += bytes
    if (spent <= limitBytes) return
    onOver()
    throw new Error('the run has used up its record limit')
  }
  const { blobs } = store
  return {
    // Async, so that a refusal rejects instead of throwing.
    async record(events) {
      for (const event of events) if (event.source !== 'platform') spend(weigh(event))
      return store.record(events)
    },
    blobs: {
      read: (digest) => blobs.read(digest),
      open: (digest) => blobs.open(digest),
      async put(bytes) {
        spend(bytes.byteLength)
        return blobs.put(bytes)
      },
      async writer() {
        const writer = await blobs.writer()
        return {
          async write(bytes) {
            spend(bytes.byteLength)
            await writer.write(bytes)
          },
          read: (offset) => writer.read(offset),
          finish: () => writer.finish(),
          abort: () => writer.abort(),
        }
      },
    },
  }
}

function weigh(event: NewEvent): number {
  const pushed = event.kind === 'git.pushed' && event.body.accepted ? event.body.packBytes : 0
  return EVENT_BYTES + JSON.stringify(event.body).length + pushed
}
