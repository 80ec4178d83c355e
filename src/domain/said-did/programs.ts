// The process tree of a run. A process may execute several programs, and the kernel reuses a pid after its exit.
import type { Event, EventBody } from '../event.ts'
import type { Found } from './candidates.ts'
import type { CommandMatch } from './match-command.ts'
import type { Judgement } from './judgement.ts'

export interface Program {
  seq: number
  body: EventBody<'process.started'>
  /** The previous program of the same process, or the program of its parent at the start. */
  parent: Program | null
  /** Set in the order of the record, before the tree is walked. */
  match: CommandMatch | null
  found: Found | null
  judgement: Judgement | null
}

interface Life {
  programs: Program[]
}

/** Builds the tree from the events of a run, in order. */
export class ProcessTree {
  readonly #alive = new Map<number, Life>()
  readonly #gone = new Map<number, Life>()
  /** Programs whose parent is not reported yet: a fork without an exec is reported only when it ends. */
  readonly #waiting = new Map<number, Program[]>()

  started({ seq, body }: Extract<Event, { kind: 'process.started' }>): Program {
    const program: Program = { seq, body, parent: null, match: null, found: null, judgement: null }
    const life = this.#alive.get(body.pid)
    if (life) {
      program.parent = life.programs.at(-1) ?? null
      life.programs.push(program)
      return program
    }
    this.#alive.set(body.pid, { programs: [program] })
    this.#adopt(program)
    const parent = this.#alive.get(body.parent)
    if (parent) program.parent = parent.programs.at(-1) ?? null
    else this.#wait(body.parent, program)
    return program
  }

  exited(pid: number): void {
    const life = this.#alive.get(pid)
    if (life) this.#gone.set(pid, life)
    this.#alive.delete(pid)
  }

  /** The current program of a process. */
  current(pid: number): Program | null {
    return this.#alive.get(pid)?.programs.at(-1) ?? null
  }

  /** The programs still waiting are children of processes that had ended. */
  finish(): void {
    for (const [pid, programs] of this.#waiting)
      for (const program of programs) program.parent = this.#gone.get(pid)?.programs.at(-1) ?? null
    this.#waiting.clear()
  }

  #wait(pid: number, program: Program): void {
    const waiting = this.#waiting.get(pid)
    if (waiting) waiting.push(program)
    else this.#waiting.set(pid, [program])
  }

  /**
   * Sets the parent of waiting programs. An exec is reported at once, so they belong to the pid's earlier process, if
   * any.
   */
  #adopt(parent: Program): void {
    const { pid, origin } = parent.body
    const waiting = this.#waiting.get(pid)
    if (!waiting) return
    const earlier = this.#gone.get(pid)?.programs.at(-1) ?? null
    for (const program of waiting) program.parent = origin === 'fork' || earlier === null ? parent : earlier
    this.#waiting.delete(pid)
  }
}
