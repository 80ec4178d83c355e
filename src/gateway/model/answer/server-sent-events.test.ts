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

test('parses events as the standard says, however the chunks are cut', () => {
  const bytes = Buffer.from(STREAM)
  for (let at = 0; at <= bytes.length; at += 1) {
    const reader = createEventStreamReader()
    expect([...reader.push(bytes.subarray(0, at)), ...reader.push(bytes.subarray(at))]).toEqual(EVENTS)
  }
  const reader = createEventStreamReader()
  expect([...bytes].flatMap((byte) => reader.push(Uint8Array.of(byte)))).toEqual(EVENTS)
})

test('treats half a character after a final CR as a new line', () => {
  const reader = createEventStreamReader()
  const bytes = Buffer.concat([Buffer.from('data: a\r'), Buffer.of(0xe2)])
  expect([...reader.push(bytes), ...reader.end()]).toEqual([{ event: '', data: 'a' }])
})
