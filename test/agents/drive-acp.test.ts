// The record of an agent that complies with the protocol.
import { describe, expect, test } from 'vitest'
import type { PermissionRequest } from '../../src/agents/types.ts'
import { driveScripted } from './drive-scripted.ts'

describe('an agent that complies with the protocol', () => {
  test('is recorded from its start to its end, in order, with pieces of messages joined', async () => {
    const asked: PermissionRequest[] = []
    const driven = await driveScripted('well', { permit: (request) => asked.push(request) > 0 })
    expect(driven).toMatchObject({ outcome: 'end_turn', message: null })
    expect(driven.kinds).toEqual([
      'agent.started',
      'agent.messaged',
      'agent.messaged',
      'agent.planned',
      'agent.tool-called',
      'agent.tool-updated',
      'agent.asked',
      'agent.messaged',
      'agent.tool-updated',
      'agent.tool-updated',
      'agent.messaged',
      'agent.ended',
    ])
    expect(driven.bodies('agent.started')).toEqual([
      {
        agent: 'scripted',
        title: 'scripted',
        version: '1.2.3',
        protocol: 'acp 1',
        session: 's1',
        connection: 'main',
        model: 'scripted-1',
      },
    ])
    expect(driven.bodies('agent.messaged').map(({ kind, text }) => [kind, text])).toEqual([
      ['thought', 'Let me think.'],
      ['message', 'I run it.'],
      ['message', 'answered {"outcome":"selected","optionId":"yes"}'],
      ['message', 'Done.'],
    ])
    const [described, begun, done] = driven.bodies('agent.tool-updated')
    expect(described).toMatchObject({ command: 'npm test', paths: ['/workspace/repo/a.js'], status: 'pending' })
    expect(driven.blobs.get(described?.input ?? '')).toBe('{"command":"npm test"}')
    expect(begun).toMatchObject({ status: 'in_progress', output: null })
    expect(done).toMatchObject({ status: 'completed', command: 'npm test' })
    expect(driven.blobs.get(done?.output ?? '')).toBe('{"rawOutput":{"exit":0}}')
    expect(asked).toMatchObject([{ ask: 'ask-1', call: 'c1', tool: 'execute', command: 'npm test', complete: true }])
    expect(driven.bodies('agent.ended')).toEqual([{ outcome: 'end_turn', message: null, toolCalls: 1 }])
  })

  test('announces a call once on the record, even if it sends only an update or announces it twice', async () => {
    const updateOnly = await driveScripted('update-only')
    expect(updateOnly.kinds.slice(1)).toEqual(['agent.tool-called', 'agent.tool-updated', 'agent.ended'])
    expect(updateOnly.bodies('agent.tool-called')).toMatchObject([{ call: 'c1', tool: 'execute', command: 'npm test' }])
    const twice = await driveScripted('twice-announced')
    expect(twice.kinds.slice(1)).toEqual(['agent.tool-called', 'agent.tool-updated', 'agent.ended'])
  })

  test('has each message recorded before the next one is read', async () => {
    const seen: string[] = []
    const driven = await driveScripted('well', {
      async recording({ kind }) {
        seen.push(`${kind} begins`)
        await new Promise((resolve) => setImmediate(resolve))
        seen.push(`${kind} ends`)
      },
      permit: () => seen.push('permit') > 0,
    })
    expect(seen).toHaveLength(2 * driven.facts.length + 1)
    const pairs = seen.filter((entry) => entry !== 'permit')
    for (let at = 0; at < pairs.length; at += 2)
      expect(pairs[at + 1]).toBe((pairs[at] as string).replace('begins', 'ends'))
    expect(seen.indexOf('permit')).toBe(seen.indexOf('agent.asked ends') + 1)
  })

  test('has a long message stored whole as a blob', async () => {
    const driven = await driveScripted('long')
    const [said] = driven.bodies('agent.messaged')
    expect(said).toMatchObject({ text: 'x'.repeat(8192), bytes: 20_000 })
    expect(driven.blobs.get(said?.blob ?? '')).toBe('x'.repeat(20_000))
  })

  test('may send unknown updates, and may print a greeting before its first message', async () => {
    const driven = await driveScripted('unknown-notification')
    expect(driven.kinds).toEqual(['agent.started', 'agent.ended'])
    expect(await driveScripted('greets')).toMatchObject({ outcome: 'end_turn' })
  })

  test('is read until it exits: the end of a call after the end of the turn is recorded', async () => {
    const driven = await driveScripted('tells-late')
    expect(driven.kinds.slice(1)).toEqual([
      'agent.tool-called',
      'agent.tool-updated',
      'agent.tool-updated',
      'agent.ended',
    ])
  })
})

describe('permission', () => {
  test('that is denied is answered with a rejection', async () => {
    const driven = await driveScripted('well', { permit: () => false })
    expect(driven.bodies('agent.messaged')[2]?.text).toBe('answered {"outcome":"selected","optionId":"no"}')
  })

  test('that is allowed is never `allow_always`, even if the agent offers nothing else', async () => {
    const driven = await driveScripted('asks-only-always')
    expect(driven.bodies('agent.messaged')[0]?.text).toBe('answered {"outcome":"cancelled"}')
  })

  test('announces its call on the record, if the agent did not announce it before', async () => {
    const driven = await driveScripted('asks-unannounced')
    expect(driven.kinds.slice(1, 3)).toEqual(['agent.tool-called', 'agent.asked'])
    expect(driven.bodies('agent.asked')).toMatchObject([{ call: 'c9', tool: 'delete', paths: ['/a'] }])
  })

  test('is denied whatever the answer, if it names more files than can be judged', async () => {
    const asked: PermissionRequest[] = []
    const driven = await driveScripted('asks-too-much', { permit: (request) => asked.push(request) > 0 })
    expect(asked).toMatchObject([{ complete: false }])
    expect(driven.bodies('agent.messaged')[0]?.text).toBe('answered {"outcome":"selected","optionId":"no"}')
  })

  test('is decided on the whole command, although the event has only its beginning', async () => {
    const asked: PermissionRequest[] = []
    const driven = await driveScripted('asks-at-length', { permit: (request) => asked.push(request) > 0 })
    expect(asked[0]).toMatchObject({ complete: true, command: expect.stringMatching(/; rm -rf \/$/) })
    expect(String(driven.bodies('agent.asked')[0]?.command)).toHaveLength(8192)
    expect(asked[0]?.options?.map(({ id }) => id)).toEqual(['always', 'yes', 'no'])
  })

  test('may be asked for and withdrawn', async () => {
    expect(await driveScripted('asks-and-withdraws')).toMatchObject({ outcome: 'end_turn' })
  })
})

test('refuses and records requests for files and terminals of the client', async () => {
  const driven = await driveScripted('wants-services')
  expect(driven.bodies('agent.refused')).toEqual([{ method: 'fs/read_text_file' }, { method: 'terminal/create' }])
  expect(driven.bodies('agent.messaged')[0]?.text).toBe('answered [-32601,-32601]')
})

describe('a session', () => {
  test('is set to the mode in which the agent asks for permission', async () => {
    expect(await driveScripted('modes', { opening: { mode: 'default' } })).toMatchObject({ outcome: 'end_turn' })
    const other = await driveScripted('modes', { opening: { mode: 'careful' } })
    expect(other.message).toContain('scripted does not offer the mode careful')
    expect(other.message).toContain('it offers auto, default')
  })

  test('uses only sign-in methods that need no person', async () => {
    expect(await driveScripted('wants-sign-in', { opening: { signIn: ['key'] } })).toMatchObject({
      outcome: 'end_turn',
    })
    const nobody = await driveScripted('wants-sign-in')
    expect(nobody).toMatchObject({ outcome: 'failed' })
    expect(nobody.message).toContain('scripted requires a person to sign in (browser, key)')
  })
})

test('a recording failure rejects with its error, and nothing is answered after it', async () => {
  const facts: string[] = []
  const drive = driveScripted('well', {
    recording({ kind }) {
      facts.push(kind)
      if (kind === 'agent.asked') throw new Error('the disk is full')
    },
    permit: () => facts.push('permit') > 0,
  })
  await expect(drive).rejects.toThrow('the disk is full')
  expect(facts.at(-1)).toBe('agent.asked')
})
