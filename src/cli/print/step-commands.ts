// Short names of the programs that a step itself started, each once: `npm ci`, `git diff`. The trace has the full
// command lines.
import type { EventBody } from '../../domain/event.ts'
import { type ByteText, printable } from '../../domain/byte-text.ts'

const MAX_COMMANDS = 40
const MAX_ROOTS = 10_000
const GUEST_PID = 1
const INTERPRETERS = new Set(['node', 'env', 'python', 'python3', 'ruby', 'perl', 'sh', 'bash'])

const SUBCOMMAND = /^[a-z][a-z0-9:-]{0,30}$/
const SHELLS = new Set(['sh', 'bash', 'dash', 'zsh'])

export interface StepCommands {
  add(body: EventBody<'process.started'>): void
  /** Printable; empty when the step started nothing. */
  of(step: number): string[]
}

export function collectStepCommands(): StepCommands {
  /** Pids of the steps' own processes. Their children are the programs that a step's script calls. */
  const roots = new Set<string>()
  const byStep = new Map<number, Map<number, string>>()
  return {
    add({ pid, parent, step, origin, argv }) {
      if (origin !== 'exec') return
      const root = parent === GUEST_PID
      if (root && roots.size < MAX_ROOTS) roots.add(`${step} ${pid}`)
      const script = root && isShellScript(argv)
      if (script || (!root && !roots.has(`${step} ${parent}`))) return
      const commands = byStep.get(step) ?? new Map<number, string>()
      byStep.set(step, commands)
      // A process may execute several programs in turn: the last one counts.
      if (commands.has(pid) || commands.size < MAX_COMMANDS) commands.set(pid, shortCommand(argv))
    },
    of: (step) => [...new Set(byStep.get(step)?.values())],
  }
}

/** Whether argv is `sh -c '…'`, which says less than the programs that the script calls. */
function isShellScript(argv: readonly ByteText[]): boolean {
  return SHELLS.has(baseName(printable(argv[0] ?? ''))) && argv.slice(1, 4).includes('-c')
}

/** The program and its subcommand, without interpreter, folders and flags. */
function shortCommand(argv: readonly ByteText[]): string {
  const words = argv.map(printable)
  const interpreted = INTERPRETERS.has(baseName(words[0] ?? '')) && /^[^-].*\//.test(words[1] ?? '')
  const [program = '', ...rest] = interpreted ? words.slice(1) : words
  const name = baseName(program)
  // git takes settings before its subcommand: `git -c core.pager=cat diff`.
  const subcommand = name === 'git' ? rest.find((word) => SUBCOMMAND.test(word)) : rest[0]
  return subcommand !== undefined && SUBCOMMAND.test(subcommand) ? `${name} ${subcommand}` : name
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
