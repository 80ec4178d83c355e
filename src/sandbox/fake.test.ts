import { expect, test } from 'vitest'
import { createFakeGuest, createFakeProvider } from './fake.ts'
import type { CommandSpec, SandboxSpec } from './types.ts'

const spec = { limits: { memoryBytes: 1, processes: 1, workspaceBytes: 1 } } as SandboxSpec
const command = { step: 0, argv: ['true'] } as unknown as CommandSpec
const sink = { output: () => undefined, reports: () => undefined }
const never = new AbortController().signal

test('a fake sandbox exits as the test says and is destroyed once', async () => {
  const provider = createFakeProvider()
  const sandbox = await provider.start(spec, never)
  provider.started[0]?.exit({ code: 1, signal: null }, 'memory limit 1 bytes')
  expect(await sandbox.exited).toEqual({ code: 1, signal: null, stderr: '' })
  expect(await sandbox.limitsHit()).toEqual(['memory limit 1 bytes'])
  await sandbox.destroy()
  expect(provider.started[0]?.destroyed).toBe(true)
})

test('a fake guest runs commands one at a time until its link is lost', async () => {
  const guest = createFakeGuest({
    run: async (_command, _sink, signal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      return { code: 3 }
    },
  })
  const abort = new AbortController()
  const running = guest.run(command, sink, abort.signal)
  await expect(guest.run(command, sink, never)).rejects.toThrow('one command')
  abort.abort()
  expect(await running).toMatchObject({ code: 3, signal: null })
  const second = guest.run(command, sink, never)
  guest.lose(new Error('link lost'))
  await expect(second).rejects.toThrow('link lost')
  await expect(guest.lost).rejects.toThrow('link lost')
})

test('a fake guest gives a command its input, closes it at the end, and counts marks while a command runs', async () => {
  let left = false
  async function* input() {
    try {
      yield Buffer.from('a')
      yield Buffer.from('b')
    } finally {
      left = true
    }
  }
  const seen: string[] = []
  const guest = createFakeGuest({
    run: async ({ stdin }) => {
      for await (const piece of stdin ?? []) {
        seen.push(String(piece))
        return
      }
    },
    mark: () => void seen.push('mark'),
  })
  await guest.mark()
  const running = guest.run({ ...command, stdin: input() }, sink, never)
  await guest.mark()
  await running
  expect({ seen, marks: guest.marks, left }).toEqual({ seen: ['mark', 'a'], marks: 1, left: true })
})
