// Fitting an agent's statements into events.
import { describe, expect, test } from 'vitest'
import { BOUNDS } from '../bounds.ts'
import { fitName, fitPaths, fitText } from './fit-text.ts'
import { commandIn, pathsIn } from './read-input.ts'
import { gatherText } from './said-text.ts'
import { toolCalls } from './tool-calls.ts'

describe('text', () => {
  test('is cut between characters, never within one', () => {
    expect(fitText('aé', 2)).toEqual({ text: 'a', bytes: 3, whole: false })
    expect(fitText('aé', 3)).toEqual({ text: 'aé', bytes: 3, whole: true })
    expect(fitText('😀😀', 7)).toEqual({ text: '😀', bytes: 8, whole: false })
  })

  test('with control characters takes no more room in an event than other text', () => {
    expect(JSON.stringify(fitText('\u0001'.repeat(20_000), 8192).text).length).toBeLessThan(11_000)
    expect(fitName('a\u001b[31mb\u202e', 100)).toBe('a?[31mb?')
  })

  test('joins pieces until the kind or the message changes', () => {
    const texts = gatherText(BOUNDS)
    const say = (kind: 'message' | 'thought', text: string, message: string | null = null) =>
      texts.add({ kind, text, message })
    expect(say('thought', 'a')).toEqual([])
    expect(say('thought', 'b')).toEqual([])
    expect(say('message', 'c', '1')).toEqual([{ kind: 'thought', text: 'ab' }])
    expect(say('message', 'd', '2')).toEqual([{ kind: 'message', text: 'c' }])
    expect(texts.take()).toEqual({ kind: 'message', text: 'd' })
    expect(texts.take()).toBeNull()
  })

  test('records an endless message in parts, and drops blank text', () => {
    const texts = gatherText({ textBytes: 10 })
    expect(texts.add({ kind: 'message', text: 'x'.repeat(25), message: null })).toEqual([
      { kind: 'message', text: 'x'.repeat(25) },
    ])
    texts.add({ kind: 'message', text: ' \n', message: null })
    expect(texts.take()).toBeNull()
  })
})

describe('paths', () => {
  test('are kept whole or omitted, and omitted paths are counted', () => {
    const long = `/${'x'.repeat(5000)}`
    expect(fitPaths(['/a', long, '/b'])).toEqual({ paths: ['/a', '/b'], omitted: 1 })
    const many = Array.from({ length: 100 }, (_, at) => `/${at}`)
    expect(fitPaths(many)).toMatchObject({ omitted: 36 })
    expect(fitPaths(Array.from({ length: 10 }, () => `/${'y'.repeat(4000)}`)).omitted).toBe(6)
  })

  test.each([
    [{ file_path: '/a' }, ['/a']],
    [{ filePath: '/a', path: '' }, ['/a']],
    [{ paths: ['/a', { path: '/b' }, 3, null] }, ['/a', '/b']],
    [{ changes: { '/a': { update: {} }, '/b': {} } }, ['/a', '/b']],
    [{ path: 3 }, []],
    ['/a', []],
    [null, []],
    [['/a'], []],
  ])('are found in %j', (input, found) => expect(pathsIn(input)).toEqual(found))
})

describe('a command', () => {
  test.each([
    [{ command: 'npm test' }, 'npm test'],
    [{ cmd: 'ls -l' }, 'ls -l'],
    [{ command: ['bash', '-lc', "echo 'a b'"] }, `bash -lc 'echo '\\''a b'\\'''`],
    [{ argv: ['node', '--test'] }, 'node --test'],
    [{ command: ['', 'a'] }, "'' a"],
    [{ command: [] }, undefined],
    [{ command: ['a', 3] }, undefined],
    [{ command: { a: 1 } }, undefined],
    [null, undefined],
  ])('is found in %j', (input, found) => expect(commandIn(input)).toBe(found))
})

describe('tool calls', () => {
  const hear = () => toolCalls('x', '/w', BOUNDS)

  test('list a file once, however its path is written', () => {
    const { call } = hear().hear({ id: '1', paths: ['/w/a.js', 'https://e.org/x'], input: { path: 'sub/../a.js' } })
    expect([...call.paths]).toEqual(['/w/a.js', 'https://e.org/x'])
  })

  test('whose input arrives piece by piece count as changed only when another field changes', () => {
    const calls = hear()
    calls.hear({ id: '1', input: { text: 'a' } })
    expect(calls.hear({ id: '1', input: { text: 'ab' } })).toMatchObject({ first: false, changed: false })
    expect(calls.hear({ id: '1', status: 'in_progress' })).toMatchObject({
      changed: true,
      call: { held: '{"text":"ab"}' },
    })
    expect(calls.hear({ id: '1', input: { text: 'x'.repeat(70_000) } })).toMatchObject({ changed: true })
  })

  test('may be updated after their end, and stay one call', () => {
    const calls = hear()
    calls.hear({ id: '1', status: 'completed' })
    expect(calls.hear({ id: '1', status: 'completed', output: 'late' })).toMatchObject({
      first: false,
      output: '"late"',
    })
    expect(calls.hear({ id: '1', status: 'completed' })).toMatchObject({ first: false, changed: false })
    expect(calls.count).toBe(1)
  })

  test('with a very long id get a short one', () => {
    const { call } = hear().hear({ id: 'x'.repeat(100_000) })
    expect(call.id).toMatch(/^long:[0-9a-f]{64}$/)
  })
})
