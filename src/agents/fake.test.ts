import { expect, test } from 'vitest'
import { fakeAgent, fakeDrive, fakeRegistry } from './fake.ts'
import type { AgentFact, AgentHost, DriveOptions } from './types.ts'

const ASKED: AgentFact = {
  kind: 'agent.asked',
  body: { ask: 'a', call: 'c', title: 'npm i', tool: 'execute', paths: [], omitted: 0, command: 'npm i', options: [] },
}

test('a fake agent records its given facts, asks for permission, and ends', async () => {
  const facts: AgentFact[] = []
  const host: AgentHost = {
    record: async (fact) => void facts.push(fact),
    keep: async () => `sha256:${'0'.repeat(64)}`,
    permit: async ({ command }) => command === 'npm i',
    newId: () => 'id',
  }
  const kind = fakeRegistry([fakeAgent()]).get('fake')!
  const model = { connection: 'main', model: 'm', wire: 'gemini', url: 'http://127.0.0.1:1', dummyKey: 'd' } as const
  const places = { folder: null, home: '/home/glovebox', cwd: '/w' }
  const { drive, prompts, permits } = fakeDrive([{ facts: [ASKED] }])
  const options: DriveOptions = {
    kind,
    launch: kind.launch({ model, ...places, maxTurns: 1, prompt: 'p' }),
    channel: { write: async () => {}, end: async () => {}, output: emptyOutput(), ended: new Promise(() => {}) },
    host,
    model,
    cwd: '/w',
    prompt: 'p',
    signal: new AbortController().signal,
    graceMs: 1,
    startMs: 1,
  }
  expect(await drive(options)).toEqual({ outcome: 'end_turn', message: null })
  expect(facts.map((fact) => fact.kind)).toEqual(['agent.started', 'agent.asked', 'agent.ended'])
  expect([prompts, permits]).toEqual([['p'], [true]])
})

async function* emptyOutput(): AsyncGenerator<Uint8Array> {}
