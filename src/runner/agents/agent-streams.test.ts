import { expect, test } from 'vitest'
import { createAgentStreams, MAX_AHEAD_BYTES } from './agent-streams.ts'

async function textOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const piece of pieces) text += decoder.decode(piece, { stream: true })
  return text
}

test('delivers everything written before the end, in order', async () => {
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

test('a writer to a process that never reads continues when the process ends', async () => {
  const { channel, close } = createAgentStreams()
  const written = channel.write(Buffer.from('a'))
  close({ signalled: true, status: 9 })
  await written
  await channel.write(Buffer.from('b'))
})

test('ignores further output of an agent that writes faster than it is handled', async () => {
  const streams = createAgentStreams()
  streams.push(new Uint8Array(MAX_AHEAD_BYTES))
  expect(streams.flooded).toBe(false)
  streams.push(new Uint8Array(1))
  expect(streams.flooded).toBe(true)
  let bytes = 0
  for await (const piece of streams.channel.output) bytes += piece.length
  expect(bytes).toBe(MAX_AHEAD_BYTES)
})
