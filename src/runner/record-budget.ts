// What code in a sandbox may put on the record. Everything that it does is kept, so that without a bound a loop of
// refused requests, of processes with long arguments or of pushes would fill the disk that every other run needs.
import type { NewEvent } from '../domain/event.ts'
import type { BlobStore, Recorder } from '../store/types.ts'

export interface RunStore extends Recorder {
  readonly blobs: BlobStore
}

/** A row of the events table and its entries in the indices, besides the body. */
const EVENT_BYTES = 512

/**
 * Passes on what fits. The first time that something does not, `onOver` is told; that and all that follows is refused,
 * and whoever is refused a record refuses in turn (invariant 3). What the platform says itself is always passed on: how
 * the run ended must be on the record.
 */
export function withinBudget(store: RunStore, limitBytes: number, onOver: () => void): RunStore {
  let spent = 0
  const spend = (bytes: number): void => {
    spent += bytes
    if (spent <= limitBytes) return
    onOver()
    throw new Error('the run has put on the record as much as it may')
  }
  const { blobs } = store
  return {
    // Async, so that a refusal is a rejection.
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
