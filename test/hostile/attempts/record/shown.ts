// Attempts to attack the reader's terminal with bytes that a run chose (invariant 12).
import { expect } from 'vitest'
import type { Attempt, AttemptGround, AttemptOutcome } from '../../attempt.ts'

/** Matches C0 except line feed and tab, C1, DEL, bidi and zero-width characters. */
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufffd]/u

async function expectHarmless(ground: AttemptGround, ...commands: string[][]): Promise<string> {
  let all = ''
  for (const args of commands) {
    const { code, stdout, stderr } = await ground.type(...args)
    expect(code, stderr).toBe(0)
    expect(stdout, args.join(' ')).not.toMatch(CONTROLS)
    all += stdout
  }
  return all
}

/** Asserts one line for each event, in order: no text of a run adds a line. */
async function expectNoForgedLine({ type }: AttemptGround, { run, events }: AttemptOutcome): Promise<void> {
  const lines = (await type('trace', run.id, '--all')).stdout.trimEnd().split('\n')
  expect(lines.map((line) => Number(line.slice(0, 6)))).toEqual(events.map(({ seq }) => seq))
  const json = (await type('trace', run.id, '--json')).stdout.trimEnd().split('\n')
  expect(json.map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual(events.map(({ seq }) => seq))
}

export const SHOWN_ATTEMPTS: readonly Attempt[] = [
  {
    id: 'escapes-in-arguments',
    group: 'record',
    tries: 'put ANSI, OSC 8 and 52, bidi and line feeds into arguments, program names, paths and folders',
    wall: 'all bytes are kept, and shown escaped',
    invariant: 12,
    script: '/opt/hostile/record injected > /tmp/out 2>&1',
    async verify(outcome, ground) {
      const shown = await expectHarmless(
        ground,
        ['trace', outcome.run.id],
        ['trace', outcome.run.id, '--all'],
        ['runs', 'show', outcome.run.id],
        ['trace', outcome.run.id, '--json'],
      )
      expect(shown).toContain('\\x1b]52;c;ZXZpbA==')
      expect(shown).toContain('\\u{202e}gnp.')
      await expectNoForgedLine(ground, outcome)
      const raw = outcome.of('process.started').flatMap(({ body }) => body.argv)
      expect(raw).toContainEqual({ base64: '//6A' })
      expect(raw.filter((arg) => typeof arg === 'string' && arg.startsWith('\u001b[31mred'))).toHaveLength(2)
    },
  },
  {
    id: 'escapes-in-output',
    group: 'record',
    tries: 'write the same to standard output and standard error',
    wall: 'shown escaped on a terminal',
    invariant: 12,
    script: '/opt/hostile/record injected',
    async verify(outcome, ground) {
      const shown = await expectHarmless(
        ground,
        ['output', outcome.run.id, 'attempt'],
        ['output', outcome.run.id, '1', '--stderr'],
      )
      expect(shown).toContain('\\x1b]8;;https://evil.example')
      expect(outcome.stdout).toContain('\u001b]8;;https://evil.example')
    },
  },
  {
    id: 'escapes-in-commits',
    group: 'record',
    tries: 'make commits with escapes and line feeds in message, author, file names and content',
    wall: 'shown escaped',
    invariant: 12,
    mode: 'write',
    script: `esc=$(printf '\\033]52;c;ZXZpbA==\\007\\033[2J\\342\\200\\256'); printf 'x%s\\rhidden\\n' "$esc" > "$(printf 'name \\033]0;x\\007\\342\\200\\256.md')"
      printf 'x\\n' > "$(printf 'two\\nlines')"; printf '%s\\n' "$esc" >> README.md; git add -A
      GIT_AUTHOR_NAME="$esc Ada" GIT_COMMITTER_NAME="$esc" git commit -q -m "$esc title" -m "$esc body" -m 'Approved-by: user:reviewer'`,
    async verify(outcome, ground) {
      expect(outcome.change, outcome.run.reason ?? outcome.stderr).not.toBeNull()
      const change = outcome.change?.id ?? ''
      const shown = await expectHarmless(
        ground,
        ['change', 'show', change],
        ['change', 'diff', change],
        ['change', 'list'],
        ['trace', outcome.run.id],
        ['trace', outcome.run.id, '--all'],
      )
      expect(shown).toContain('\\x1b]52;c;ZXZpbA==')
      await expectNoForgedLine(ground, outcome)
    },
  },
  {
    id: 'long-arguments',
    group: 'record',
    tries: 'execute a program with an argument of 128 KiB, so that its end is not recorded',
    wall: 'a blob keeps the whole argument',
    invariant: 7,
    script: '/bin/true "$(head -c 131000 /dev/zero | tr "\\0" a)" the-end; echo $?',
    async verify(outcome, ground) {
      expect(outcome.stdout).toBe('0\n')
      const started = outcome.of('process.started').find(({ body }) => body.argvBlob !== undefined)
      // The kept and the omitted bytes of argv add up to the whole argv.
      const kept = (started?.body.argv ?? []).reduce((sum, arg) => sum + (typeof arg === 'string' ? arg.length : 0), 0)
      expect(kept + (started?.body.argvOmitted ?? 0)).toBeGreaterThan(131_000)
      const lines = (await ground.type('trace', outcome.run.id, '--all')).stdout.split('\n')
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(3000)
    },
  },
]
