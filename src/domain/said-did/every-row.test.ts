// Properties of any record: no row is lost or counted twice, and the work does not grow quadratically.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pathKey } from './match-path.ts'
import { saidDid } from './said-did.ts'
import type { Story } from './story.ts'
import { AGENT, story } from './story.ts'
import type { Attribution, SaidDidStep } from './types.ts'

const OPTIONS = { folder: '/workspace/repo', work: ['/workspace'] }
const TOOLS = ['read', 'edit', 'delete', 'move', 'search', 'execute', 'think', 'fetch', 'other']
const COMMANDS = ['npm test', 'make', 'ls']
const PATHS = ['/workspace/repo/a', '/workspace/repo/b/c', '/workspace/repo/b', '/etc/passwd', '/']

const few = <T>(values: readonly T[]) => fc.constantFrom(...values)
const id = few(['a', 'b', 'c', 'd'])
const pid = few([AGENT, 11, 12, 13, 14, 77])
const paths = fc.array(few(PATHS), { maxLength: 3 })
const said = fc.record({ command: few(COMMANDS), paths }, { requiredKeys: [] })

/** One random event. */
const move: fc.Arbitrary<(told: Story) => Story> = fc.oneof(
  fc.tuple(id, few(TOOLS), said).map(
    ([call, tool, more]) =>
      (told: Story) =>
        told.call(call, tool, more),
  ),
  fc.tuple(id, few(['completed', 'failed'] as const)).map(
    ([call, how]) =>
      (told: Story) =>
        told.done(call, how),
  ),
  fc.tuple(id, said).map(
    ([call, more]) =>
      (told: Story) =>
        told.asked(call, more),
  ),
  fc.tuple(id, few(['allowed', 'denied'] as const)).map(
    ([call, how]) =>
      (told: Story) =>
        told.decided(call, how),
  ),
  fc.tuple(pid, pid, few(COMMANDS)).map(
    ([one, by, text]) =>
      (told: Story) =>
        told.starts(one, by, 'sh', '-c', text),
  ),
  fc.tuple(pid, pid, few(COMMANDS)).map(
    ([one, by, text]) =>
      (told: Story) =>
        told.fork(one, by, ...text.split(' ')),
  ),
  pid.map((one) => (told: Story) => told.exit(one)),
  fc.tuple(pid, paths, paths, paths).map(([one, read, written, from]) => (told: Story) => {
    const renamed = from.map((path) => ({ from: path, to: '/workspace/repo/a' }))
    return told.files(one, { read, written, renamed, created: written, removed: from, attempted: read })
  }),
  fc.constant((told: Story) => told.request('https://x.example/')),
  pid.map((one) => (told: Story) => told.connect(one, '127.0.0.1')),
  fc.constant((told: Story) => told.model()),
  fc.constant((told: Story) => told.session()),
)

test('each process and each file access is in exactly one class, or in a tie that names what it may be', () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 80 }), (moves) => {
      const told = moves.reduce((so, next) => next(so), story().begin()).call('z', 'think')
      const [step] = saidDid(told.events, OPTIONS).steps
      if (!step) throw new Error('no step')
      checkWhole(told, step)
    }),
    { numRuns: 400 },
  )
})

function checkWhole({ events }: Story, step: SaidDidStep): void {
  const born = events.flatMap((event) => (event.kind === 'process.started' ? [event.seq] : []))
  expect(step.processes.map(({ seq }) => seq)).toEqual(born)
  const accessed = events.flatMap(({ kind, seq, body }) =>
    kind === 'file.accessed'
      ? [body.read, body.written, body.created, body.removed, body.attempted, body.renamed.map(({ from }) => from)]
          .flat()
          .map((path) => `${seq} ${pathKey(path)}`)
      : [],
  )
  const listed = step.files.flatMap(({ seq, accesses }) => accesses.map(({ path }) => `${seq} ${pathKey(path)}`))
  expect(listed.toSorted()).toEqual(accessed.toSorted())
  const sent = events.flatMap(({ kind, seq }) => (/^(net|model)\./.test(kind) ? [seq] : []))
  expect(step.requests.map(({ seq }) => seq)).toEqual(sent)
  for (const { by } of [...step.processes, ...step.files, ...step.requests]) checkNamed(by, step.calls.length)
}

function checkNamed({ class: where, calls, orNone, omitted }: Attribution, known: number): void {
  expect(calls.every((call) => call >= 0 && call < known)).toBe(true)
  expect(new Set(calls).size).toBe(calls.length)
  const choices = calls.length + omitted + (orNone ? 1 : 0)
  if (where === 'call') expect(choices).toBe(1)
  else if (where === 'tie') expect(choices).toBeGreaterThan(1)
  else expect(choices).toBe(0)
}

const MANY = 100_000
const DEEP = `/workspace/repo/${'d/'.repeat(2000)}f`

/** Shapes that an agent could choose to make the comparison slow. With quadratic work each would take hours. */
test.each<[string, (told: Story, at: number) => unknown]>([
  [
    'calls that never end, with processes in between',
    (told, at) => (at % 2 ? told.call(`${at}`, 'search') : told.starts(at + 20, AGENT, 'rg')),
  ],
  [
    'one command, announced and run repeatedly',
    (told, at) =>
      at % 2 ? told.call(`${at}`, 'execute', { command: 'make' }) : told.starts(at + 20, AGENT, 'sh', '-c', 'make'),
  ],
  [
    'one path, announced and read repeatedly',
    (told, at) =>
      at % 2
        ? told.call(`${at}`, 'read', { paths: ['/workspace/repo/a'] })
        : told.files(AGENT, { read: ['/workspace/repo/a'] }),
  ],
  [
    'paths announced for reading but written',
    (told, at) =>
      at % 2
        ? told.call(`${at}`, 'read', { paths: ['/workspace/repo/a'] })
        : told.files(AGENT, { written: ['/workspace/repo/a'] }),
  ],
  [
    'paths of the greatest depth',
    (told, at) =>
      at % 50
        ? undefined
        : at % 100
          ? told.call(`${at}`, 'edit', { paths: [DEEP.slice(0, at % 4000)] })
          : told.files(AGENT, { written: [DEEP] }),
  ],
  ['a chain of parents', (told, at) => told.starts(at + 20, at + 19, 'sh')],
  ['children of a parent that is never reported', (told, at) => told.starts(at + 20, 5, 'sh')],
  ['one process that executes program after program', (told) => told.starts(20, AGENT, 'sh')],
  [
    'requests while many calls and processes are active',
    (told, at) =>
      at % 3 === 0
        ? told.call(`${at}`, 'fetch')
        : at % 3 === 1
          ? told.starts(at + 20, AGENT, 'curl')
          : told.request('https://x.example/'),
  ],
  [
    'a permission request for each call',
    (told, at) =>
      at % 3 === 0
        ? told.asked(`${at}`, { command: 'make' })
        : at % 3 === 1
          ? told.decided(`${at - 1}`, 'allowed')
          : told.starts(at + 20, AGENT, 'sh', '-c', 'make'),
  ],
])('100,000 events: %s', (_, each) => {
  const told = story().begin().session()
  for (let at = 0; at < MANY; at++) each(told, at)
  const [step] = saidDid(told.events, OPTIONS).steps
  const born = told.events.filter(({ kind }) => kind === 'process.started').length
  expect(step?.processes).toHaveLength(born)
})

const COMMANDS_RUN = 20_000

test('matches each of 20,000 commands that are announced at once and run one after the other', () => {
  const told = story().begin().session()
  for (let at = 0; at < COMMANDS_RUN; at++) told.call(`${at}`, 'execute', { command: `make t${at}` })
  for (let at = 0; at < COMMANDS_RUN; at++)
    told
      .starts(at + 20, AGENT, 'sh', '-c', `make t${at}`)
      .request('https://x.example/')
      .exit(at + 20)
      .done(`${at}`)
  const [step] = saidDid(told.events, OPTIONS).steps
  expect(step?.calls.filter(({ verdict }) => verdict === 'seen')).toHaveLength(COMMANDS_RUN)
  expect(step?.unsearched).toBe(0)
})

test('stops searching 20,000 scripts that nearly contain long commands, and counts the unsearched ones', () => {
  const told = story().begin().session()
  const script = 'a '.repeat(8000)
  for (let at = 0; at < 20; at++) told.call(`${at}`, 'execute', { command: `${'a '.repeat(4000)}${at}` })
  for (let at = 0; at < COMMANDS_RUN; at++) told.starts(at + 20, AGENT, 'sh', '-c', script)
  const [step] = saidDid(told.events, OPTIONS).steps
  expect(step?.processes).toHaveLength(COMMANDS_RUN + 1)
  expect(step?.unsearched).toBeGreaterThan(0)
  expect(step?.unsearched).toBeLessThan(COMMANDS_RUN)
})
