import { expect, test } from 'vitest'
import type { Event } from '../domain/event.ts'
import { decodeEvents, encodeLine, encodeProblemLine, HEARTBEAT } from './event-stream.ts'
import type { ProblemError } from './problem-error.ts'

const EVENT: Event = {
  version: 1,
  id: '00000000000000000001',
  run: '00000000000000000002',
  seq: 1,
  time: 5,
  source: 'platform',
  actor: { id: 'system:runner' },
  kind: 'stage.started',
  body: { stage: 'prüfen ✓' },
}

async function decode(bytes: Uint8Array, chunk: number): Promise<Event[]> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk)
  }
  const events: Event[] = []
  for await (const event of decodeEvents(chunks())) events.push(event)
  return events
}

const bytes = (text: string) => new TextEncoder().encode(text)

test.each([1, 2, 3, 7, 1000])('events survive chunks of %i bytes, in the middle of characters too', async (chunk) => {
  const second = { ...EVENT, seq: 2 }
  expect(await decode(bytes(encodeLine(EVENT) + encodeLine(second)), chunk)).toEqual([EVENT, second])
})

test('throws a problem at the end of the stream, with its code', async () => {
  const text = encodeLine(EVENT) + encodeProblemLine({ code: 'refused', message: 'no' })
  await expect(decode(bytes(text), 10)).rejects.toMatchObject({
    code: 'refused',
    message: 'no',
  } satisfies Partial<ProblemError>)
})

test.each([
  ['breaks off inside a line', encodeLine(EVENT).slice(0, -1)],
  ['has a line that is not JSON', 'hello\n'],
  ['has a line that is not an event', '{"seq":1}\n'],
  ['has an unreadable problem', '{"problem":{"code":"made-up","message":"x"}}\n'],
  ['has a line without end', 'x'.repeat(1024 * 1024 + 10)],
])('rejects a stream that %s instead of ending it', async (_, text) => {
  await expect(decode(bytes(text), 64 * 1024)).rejects.toMatchObject({ code: 'internal' })
})

test('skips events of unknown kinds and accepts unknown fields', async () => {
  const newer = { ...EVENT, kind: 'made.up', body: { made: 'up' } } as unknown as Event
  const wider = { ...EVENT, version: 2, seq: 3, body: { stage: 'work', since: 2030 }, sealed: true } as Event
  const read = await decode(bytes(encodeLine(EVENT) + encodeLine(newer) + encodeLine(wider)), 50)
  expect(read.map(({ seq, kind }) => [seq, kind])).toEqual([
    [1, 'stage.started'],
    [3, 'stage.started'],
  ])
})

test('ignores heartbeats between events', async () => {
  expect(await decode(bytes(`${HEARTBEAT}${encodeLine(EVENT)}${HEARTBEAT}${HEARTBEAT}`), 3)).toEqual([EVENT])
})
