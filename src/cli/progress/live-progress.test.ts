import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Event, EventBody, EventKind } from '../../domain/event.ts'
import { liveProgress } from './live-progress.ts'
import { createStyle } from '../text/style.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function open(rows = 24) {
  const written: string[] = []
  let now = 0
  const stream = {
    isTTY: true,
    columns: 60,
    rows,
    write: (chunk: string | Uint8Array) => written.push(String(chunk)) > 0,
  }
  const progress = liveProgress(
    stream,
    createStyle(false),
    () => now,
    (words) => `glovebox ${words}`,
  )
  return {
    written,
    progress,
    see<K extends EventKind>(kind: K, body: EventBody<K>) {
      progress.event({
        id: '0',
        run: '1',
        seq: 1,
        time: 0,
        source: 'kernel',
        actor: { id: 'run:x' },
        kind,
        body,
      } as unknown as Event)
    },
    /** What the terminal shows after so much time. */
    look(ms: number): string {
      now += ms
      vi.advanceTimersByTime(ms)
      return (written.at(-1) ?? '').split('\u001b[?7l').at(-1) ?? ''
    },
  }
}

function exec(pid: number, parent: number, ...argv: string[]): EventBody<'process.started'> {
  return {
    pid,
    parent,
    step: 0,
    origin: 'exec',
    argv,
    argvOmitted: 0,
    cwd: '/',
    executable: '/',
    executableDigest: null,
  }
}

const EXITED = { code: 0, signal: null, wallMs: 1, cpuMs: 1, maxRssBytes: 1 }

test('shows the newest running command, not an ended one and not the step’s script', () => {
  const { see, look, progress } = open()
  see('step.started', { step: 0, name: 'install', argv: [], argvOmitted: 0, workingDirectory: '.' })
  see('process.started', exec(5, 1, '/bin/sh', '-e', '-c', 'npm ci'))
  see('process.started', exec(6, 5, 'npm', 'ci'))
  see('process.started', exec(7, 6, 'node-gyp', 'rebuild'))
  expect(look(2000)).toMatch(/^step #0: install {2}\d s\n {2}node-gyp rebuild\n/)
  see('process.exited', { pid: 7, ...EXITED })
  expect(look(1000)).toContain('\n  npm ci\n')
  see('process.exited', { pid: 6, ...EXITED })
  expect(look(1000)).toContain('\n  npm ci\n')
  progress.stop()
})

test('writes nothing while nothing changes', () => {
  const { look, written, progress } = open()
  look(200)
  const before = written.length
  look(200)
  expect(written.length).toBe(before)
  progress.stop()
})

test('drops the oldest steps on a low terminal', () => {
  const { see, look, progress } = open(10)
  for (let step = 0; step < 5; step++)
    see('step.finished', {
      step,
      name: `s${step}`,
      outcome: 'succeeded',
      code: 0,
      signal: null,
      wallMs: 1,
      stdout: null,
      stderr: null,
      stdoutBytes: 0,
      stderrBytes: 0,
      outputOmitted: 0,
      stdoutCut: null,
      stderrCut: null,
    })
  const shown = look(300)
  expect(shown).toContain('s4')
  expect(shown).not.toContain('s2')
  progress.stop()
})

test('shows which request waits for a person until it is decided', () => {
  const { see, look, written, progress } = open()
  const asked = { title: 't', tool: 'execute', paths: [], omitted: 0, command: 'npm test', options: [] }
  see('agent.asked', { step: 1, ask: 'a1', call: 'c1', ...asked })
  expect(look(1000)).not.toContain('waits')
  see('ask.opened', { step: 1, ask: 'a1', deadline: 1 })
  expect(written.join('')).toContain('glovebox ask allow a1')
  expect(look(1000)).toContain('\n  waits for a person: execute $ npm test\n')
  see('ask.decided', { step: 1, ask: 'a1', outcome: 'allowed', by: 'person', reasons: [], note: null })
  expect(look(1000)).not.toContain('waits')
  progress.stop()
})

test.each([
  [{}, /^The run works on commit bbbbbbbbbbbb of branch main$/],
  [{ uncommitted: 1 }, /main; 1 uncommitted file is not part of it$/],
  [{ uncommitted: 3 }, /main; 3 uncommitted files are not part of it$/],
])('names the commit and the edits that are not part of it: %j', (more, line) => {
  const { see, written, progress } = open()
  see('run.planned', { commit: 'b'.repeat(40), target: 'main', ...more } as EventBody<'run.planned'>)
  expect(
    written
      .join('')
      .split('\n')
      .some((text) => line.test(text)),
  ).toBe(true)
  progress.stop()
})
