import { expect, test } from 'vitest'
import { createEventStreamReader } from './server-sent-events.ts'

const STREAM =
  ': comment\nevent: one\ndata: a\ndata:b\n\nid: 7\r\ndata: {"x":"\u00e9\u{1f600}"}\r\n\r\nevent: none\n\ndata\n\nretry: 5\rdata: c\r\rdata: last'
const EVENTS = [
  { event: 'one', data: 'a\nb' },
  { event: '', data: '{"x":"\u00e9\u{1f600}"}' },
  { event: '', data: '' },
  { event: '', data: 'c' },
]

test('events are read as the standard has them, however they are cut', () => {
  const bytes = Buffer.from(STREAM)
  for (let at = 0; at <= bytes.length; at += 1) {
    const reader = createEventStreamReader()
    expect([...reader.push(bytes.subarray(0, at)), ...reader.push(bytes.subarray(at))]).toEqual(EVENTS)
  }
  const reader = createEventStreamReader()
  expect([...bytes].flatMap((byte) => reader.push(Uint8Array.of(byte)))).toEqual(EVENTS)
})

test('a stream that ends with half a character behind a CR has a line there, not more of the one before', () => {
  const reader = createEventStreamReader()
  const bytes = Buffer.concat([Buffer.from('data: a\r'), Buffer.of(0xe2)])
  expect([...reader.push(bytes), ...reader.end()]).toEqual([{ event: '', data: 'a' }])
})
