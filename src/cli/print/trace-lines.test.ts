import { expect, test } from 'vitest'
import { story } from '../../domain/said-did/story.ts'
import { createStyle } from '../text/style.ts'
import { eventsBySteps } from './trace-lines.ts'

function linesOf(told: ReturnType<typeof story>): string[] {
  const lines = eventsBySteps(0, createStyle(false))
  return [...told.events.flatMap((event) => lines.add(event)), ...lines.end()]
}

const LIBRARIES = ['/etc/ld.so.cache', '/usr/lib/libc.so.6', '/opt/glovebox/lib/node_modules/npm/index.js']

test('gives each step a heading, and one line to all its events with only reads of system files', () => {
  const told = story().begin().files(12, { read: LIBRARIES }).starts(13, 12, 'ls').files(13, { read: LIBRARIES })
  const lines = linesOf(told.end())
  expect(lines[0]).toBe('Step #1 fix')
  expect(lines.filter((line) => line.includes('file.accessed'))).toEqual([])
  expect(lines.at(-2)).toBe('        2 events with only 6 reads of system files; --all shows them')
  expect(lines.at(-1)).toContain('step.finished')
})

test('shows held reads at the end, if the step has none', () => {
  expect(linesOf(story().begin().files(12, { read: LIBRARIES })).at(-1)).toContain(
    '1 event with only 3 reads of system files; --all shows it',
  )
})

test('counts system files beside other files', () => {
  const told = story()
    .begin()
    .files(12, { read: [...LIBRARIES, '/workspace/repo/a'], written: ['/tmp/b'] })
  const [line] = linesOf(told).filter((text) => text.includes('file.accessed'))
  expect(line).toMatch(/\[12\] read \/workspace\/repo\/a; wrote \/tmp\/b; read 3 system files$/)
})

test.each([
  ['another file', { read: [...LIBRARIES, '/etc/shadow'] }],
  ['a path that leaves the folder', { read: ['/usr/../workspace/repo/.env'] }],
  ['a path that is not UTF-8', { read: [{ base64: 'L3Vzci//' }] }],
  ['a written system file', { read: LIBRARIES, written: ['/usr/lib/libc.so.6'] }],
  ['a linked system file', { read: LIBRARIES, linked: [{ from: '/usr/bin/x', to: '/usr/bin/y' }] }],
  ['an attempt on a system file', { read: LIBRARIES, attempted: ['/usr/lib/x'] }],
  ['paths that are not listed', { read: LIBRARIES, omitted: 1 }],
  ['no path at all', {}],
])('never folds an event with %s', (_, body) => {
  const lines = linesOf(story().begin().files(12, body))
  expect(lines.some((line) => line.includes('file.accessed'))).toBe(true)
})

test('a step’s name adds no line', () => {
  const told = story()
  told.add('step.started', { step: 1, name: 'x\nStep #2 y', argv: [], argvOmitted: 0, workingDirectory: '.' })
  expect(linesOf(told)).toHaveLength(2)
  expect(linesOf(told)[0]).toBe('Step #1 x\\nStep #2 y')
})
