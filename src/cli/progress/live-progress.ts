// The live view on a terminal: the steps so far, the running command, and counts. It is redrawn in place and erased at
// the end, when the summary replaces it. All of its text may come from a sandbox.
import type { Event, EventBody } from '../../domain/event.ts'
import { askNotes } from '../print/ask-notes.ts'
import type { OutputStream } from '../cli-environment.ts'
import type { SuggestCommand } from '../session/suggest-command.ts'
import { formatArgv, formatText, shorten } from '../arguments/command-line.ts'
import { MAX_REFUSALS, plannedLine, type Progress, stageWords, stepPlace } from './progress.ts'
import { countOf, formatDuration, formatElapsed } from '../text/quantities.ts'
import { refusalNotes } from '../print/refusals.ts'
import { paintOutcome, type Style } from '../text/style.ts'
import { alignColumns } from '../text/table.ts'

const REDRAW_MS = 200
const MAX_PATHS = 100_000
const MAX_PROCESSES = 10_000
/** Rows reserved for everything except the list of steps. */
const OTHER_ROWS = 8

/** Prefix of a step's shell, which is not shown because its text is the whole script. */
const STEP_SHELL = '/bin/sh -e -c '

/** Turns line wrap off, so that a line with wide characters stays one row. */
const [NO_WRAP, WRAP] = ['\u001b[?7l', '\u001b[?7h']

/** `now`: a clock in milliseconds with any origin. */
export function liveProgress(stream: OutputStream, style: Style, now: () => number, command: SuggestCommand): Progress {
  const start = now()
  const refused = refusalNotes(MAX_REFUSALS)
  const asks = askNotes(command)
  const read = new Set<string>()
  const written = new Set<string>()
  const commands = runningCommands()
  const done: string[][] = []
  let title = 'starting'
  let count: number | null = null
  let [processes, requests, denied, drawn] = [0, 0, 0, 0]
  let shown = ''
  let over = false

  function erase(): string {
    const text = drawn === 0 ? '' : `\r\u001b[${drawn}A\u001b[0J`
    drawn = 0
    shown = ''
    return text
  }

  function lines(): string[] {
    const width = Math.max(20, (stream.columns || 80) - 1)
    const room = Math.max(1, (stream.rows || 24) - OTHER_ROWS)
    const counts = [
      `${denied} denied`,
      countOf(requests, 'request'),
      countOf(processes, 'process', 'processes'),
      `${size(read)} files read`,
      `${size(written)} written`,
    ]
    return [
      ...alignColumns(done.slice(-room), width).map((row) => `  ${row}`),
      style.bold(shorten(`${title}  ${formatElapsed(now() - start)}`, width)),
      currentLine(width),
      style.dim(shorten(`  ${counts.join(', ')}`, width)),
    ]
  }

  function currentLine(width: number): string {
    const waiting = asks.waiting()
    return waiting === null
      ? style.accent(shorten(`  ${commands.current()}`, width))
      : style.warn(shorten(`  ${waiting}`, width))
  }

  function draw(): void {
    if (over) return
    const next = lines()
    const text = next.join('\n')
    if (text === shown) return
    stream.write(`${erase()}${NO_WRAP}${text}${WRAP}\n`)
    drawn = next.length
    shown = text
  }

  function note(line: string): void {
    stream.write(`${erase()}${line}\n`)
    draw()
  }

  function see(event: Event): void {
    switch (event.kind) {
      case 'run.planned':
        count = event.body.steps ?? null
        return
      case 'stage.started':
        title = stageWords(event.body.stage)
        return commands.forget()
      case 'step.started':
        title = `${stepPlace(event.body.step, count)}: ${formatText(event.body.name, 100)}`
        return commands.forget()
      case 'step.finished':
        done.push(stepCells(event.body, style))
        return commands.forget()
      case 'process.started':
        processes++
        return commands.started(event.body)
      case 'process.exited':
        return commands.exited(event.body.pid)
      case 'file.accessed':
        addPaths(read, event.body.read)
        return addPaths(written, event.body.written)
      case 'net.requested':
        requests++
        return
      case 'policy.decided':
        if (!event.body.allowed) denied++
        return
      case 'ask.decided':
        if (event.body.outcome === 'denied') denied++
        return
      default:
    }
  }

  const timer = setInterval(draw, REDRAW_MS)
  return {
    kinds: null,
    event(event) {
      see(event)
      if (event.kind === 'run.planned') note(plannedLine(event.body))
      const line = refused(event) ?? asks.note(event)
      if (line !== null) note(style.warn(line))
    },
    note,
    stop() {
      over = true
      clearInterval(timer)
      stream.write(erase())
    },
  }
}

/** Tracks the newest running command; between two commands, the last one. */
function runningCommands() {
  const running = new Map<number, string>()
  let current = ''
  return {
    current: () => current,
    started({ pid, origin, argv }: EventBody<'process.started'>): void {
      if (origin !== 'exec') return
      current = formatArgv(argv, 300)
      running.delete(pid)
      if (running.size < MAX_PROCESSES) running.set(pid, current)
    },
    exited(pid: number): void {
      running.delete(pid)
      const rest = [...running.values()].filter((command) => !command.startsWith(STEP_SHELL))
      current = rest.at(-1) ?? current
    },
    forget(): void {
      running.clear()
      current = ''
    },
  }
}

function stepCells({ step, name, outcome, wallMs, note }: EventBody<'step.finished'>, style: Style): string[] {
  return [
    `#${step}`,
    paintOutcome(outcome, style),
    outcome === 'skipped' ? '-' : formatDuration(wallMs),
    formatText(name, 100) + (note === undefined ? '' : `: ${formatText(note, 200)}`),
  ]
}

function addPaths(paths: Set<string>, more: readonly (string | { base64: string })[]): void {
  for (const path of more) if (paths.size < MAX_PATHS) paths.add(typeof path === 'string' ? path : `\0${path.base64}`)
}

function size(paths: ReadonlySet<string>): string {
  return paths.size < MAX_PATHS ? String(paths.size) : `over ${MAX_PATHS}`
}
