import { expect, test } from 'vitest'
import { createAgentStreams, MAX_AHEAD_BYTES } from './agent-streams.ts'

async function textOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const piece of pieces) text += decoder.decode(piece, { stream: true })
  return text
}

test('what was written before the end arrives, in order', async () => {
  const { channel, stdin, push, close } = createAgentStreams()
  const written = [channel.write(Buffer.from('a')), channel.write(Buffer.from('b'))]
  void channel.end()
  expect(await textOf(stdin)).toBe('ab')
  await Promise.all(written)
  push(Buffer.from('out'))
  close({ signalled: false, status: 0 })
  expect(await textOf(channel.output)).toBe('out')
  expect(await channel.ended).toEqual({ signalled: false, status: 0 })
})

test('whoever writes to a process that never reads goes on when it has ended', async () => {
  const { channel, close } = createAgentStreams()
  const written = channel.write(Buffer.from('a'))
  close({ signalled: true, status: 9 })
  await written
  await channel.write(Buffer.from('b'))
})

test('an agent that is too far ahead is not heard further', async () => {
  const streams = createAgentStreams()
  streams.push(new Uint8Array(MAX_AHEAD_BYTES))
  expect(streams.flooded).toBe(false)
  streams.push(new Uint8Array(1))
  expect(streams.flooded).toBe(true)
  let bytes = 0
  for await (const piece of streams.channel.output) bytes += piece.length
  expect(bytes).toBe(MAX_AHEAD_BYTES)
})
