// The record of a run's actions, as the kernel saw them.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ByteText } from '../../src/domain/byte-text.ts'
import { byteText } from '../../src/domain/byte-text.ts'
import type { Bench } from './glovebox.ts'
import { makeRepository, openBench } from './glovebox.ts'

let bench: Bench
let repository: string
beforeAll(async () => {
  bench = await openBench()
  repository = await makeRepository(bench.folder, 'project', { 'README.md': 'hello\n' })
})
afterAll(() => bench[Symbol.asyncDispose]())

async function command(...argv: string[]): Promise<{ id: string; code: number | null }> {
  const { code, stdout, stderr } = await bench.glovebox('run', '--repo', repository, '--json', '--', ...argv)
  if (stdout === '') throw new Error(stderr)
  return { id: JSON.parse(stdout).run.id, code }
}

test('records every program with argv, parent and exit code, and the files it read and wrote', async () => {
  const { id } = await command('sh', '-c', 'echo a > f; cp f g; cat g; rm f')
  const started = (await bench.events(id, 'process.started')).filter((event) => event.body.step === 1)
  const shell = started[0]
  expect(started.map((event) => event.body.argv)).toEqual([
    ['sh', '-c', 'echo a > f; cp f g; cat g; rm f'],
    ['cp', 'f', 'g'],
    ['cat', 'g'],
    ['rm', 'f'],
  ])
  expect(shell?.body.parent).toBe(1)
  expect(started.slice(1).every((event) => event.body.parent === shell?.body.pid)).toBe(true)
  const exits = await bench.events(id, 'process.exited')
  const codes = started.map((event) => exits.find((exit) => exit.body.pid === event.body.pid)?.body.code)
  expect(codes).toEqual([0, 0, 0, 0])

  const files = await bench.events(id, 'file.accessed')
  const of = (index: number, list: 'read' | 'written' | 'created' | 'removed') =>
    files
      .filter((event) => event.body.pid === started[index]?.body.pid)
      .flatMap((event) => event.body[list])
      .filter(inRepository)
  expect(of(0, 'written')).toEqual(['/workspace/repo/f'])
  expect(of(0, 'created')).toEqual(['/workspace/repo/f'])
  expect(of(1, 'read')).toEqual(['/workspace/repo/f'])
  expect(of(1, 'written')).toEqual(['/workspace/repo/g'])
  expect(of(2, 'read')).toEqual(['/workspace/repo/g'])
  expect(of(3, 'removed')).toEqual(['/workspace/repo/f'])
})

function inRepository(path: ByteText): boolean {
  return typeof path === 'string' && path.startsWith('/workspace/repo/')
}

test('distinguishes death by a signal from an exit code', async () => {
  const { id, code } = await command('sh', '-c', 'sh -c "kill -9 \\$\\$"; exit 7')
  expect(code).toBe(1)
  const exits = (await bench.events(id, 'process.exited')).map(({ body }) => [body.code, body.signal])
  expect(exits).toContainEqual([null, 9])
  expect(exits).toContainEqual([7, null])
})

test('records names with invalid UTF-8 or control characters without loss and without effect on a terminal', async () => {
  const { id } = await command(
    'sh',
    '-c',
    `printf x > "$(printf 'a\\nb\\377')"; printf x > "$(printf '\\033]0;owned\\007')"`,
  )
  const written = (await bench.events(id, 'file.accessed')).flatMap((event) => event.body.written)
  const invalid = byteText(Buffer.concat([Buffer.from('/workspace/repo/a\nb'), Buffer.of(0xff)]))
  expect(written).toContainEqual(invalid)
  expect(written).toContainEqual('/workspace/repo/\u001b]0;owned\u0007')
  const { stdout } = await bench.glovebox('trace', id)
  expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
})

test('keeps both ends of endless output and says how many bytes are missing', async () => {
  const script = 'echo begin; head -c 40000000 /dev/zero | tr "\\0" x; echo; echo THE REAL ERROR; exit 1'
  const { id, code } = await command('sh', '-c', script)
  expect(code).toBe(1)
  const [finished] = (await bench.events(id, 'step.finished')).filter((event) => event.body.step === 1)
  const written = 40_000_000 + 'begin\n\nTHE REAL ERROR\n'.length
  const omitted = written - 17 * 1024 * 1024
  expect(finished?.body).toMatchObject({ stdoutBytes: written, outputOmitted: omitted, stdoutCut: { omitted } })
  const shown = await bench.glovebox('output', id, 'command')
  expect(shown.stdout.slice(0, 8)).toBe('begin\nxx')
  expect(shown.stdout.slice(-17)).toBe('x\nTHE REAL ERROR\n')
  expect(shown.stdout.match(/\n\[Glovebox: .*\]\n/g)).toEqual([
    `\n[Glovebox: ${omitted} bytes were not kept here: the step wrote more than its output limit]\n`,
  ])
  expect(shown.stderr).toBe('glovebox: 21.1 MiB were not kept; a line in the output marks the place\n')
  const json = JSON.parse((await bench.glovebox('output', id, 'command', '--json')).stdout) as {
    base64: string
    tail: string
  }
  expect(json).toMatchObject({ step: 1, stream: 'stdout', whole: false, omitted })
  const [head, tail] = [Buffer.from(json.base64, 'base64'), Buffer.from(json.tail, 'base64')]
  expect([head.length, tail.length]).toEqual([16 * 1024 * 1024, 1024 * 1024])
  expect(tail.toString().endsWith('x\nTHE REAL ERROR\n')).toBe(true)
  expect((await bench.glovebox('runs', 'show', id)).stdout).toContain('21.1 MiB from the middle of its output not kept')
})

test('the sequence of a run has no gap and ends with coverage and outcome', async () => {
  const { id } = await command('true')
  const { stdout } = await bench.glovebox('trace', id, '--json')
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { seq: number; kind: string; actor: { id: string } })
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1))
  expect(events.every((event) => event.actor.id !== '')).toBe(true)
  const kinds = events.map((event) => event.kind)
  expect(kinds).toContain('coverage.reported')
  expect(kinds.at(-1)).toBe('run.finished')
})
