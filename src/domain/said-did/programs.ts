// The processes of a run as a tree. A pid that executes several programs has several; a pid is used again after its exit.
import type { Event, EventBody } from '../event.ts'
import type { Found } from './candidates.ts'
import type { CommandMatch } from './match-command.ts'
import type { Judgement } from './judgement.ts'

export interface Program {
  seq: number
  body: EventBody<'process.started'>
  /** What the same process ran before, or what its parent ran when this began. */
  parent: Program | null
  /** Found in the order of the record, before the tree is walked. */
  match: CommandMatch | null
  found: Found | null
  judgement: Judgement | null
}

interface Life {
  programs: Program[]
}

/** Takes the events of a run in order. */
export class ProcessTree {
  readonly #alive = new Map<number, Life>()
  readonly #gone = new Map<number, Life>()
  /** Programs whose parent has not been reported: a fork that executes nothing is, when it ends. */
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

  /** What the process runs now. */
  current(pid: number): Program | null {
    return this.#alive.get(pid)?.programs.at(-1) ?? null
  }

  /** Those that still wait are children of a process that had ended. */
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

  /** An exec is reported at once; where the pid was in use before, what waits is of that earlier process. */
  #adopt(parent: Program): void {
    const { pid, origin } = parent.body
    const waiting = this.#waiting.get(pid)
    if (!waiting) return
    const earlier = this.#gone.get(pid)?.programs.at(-1) ?? null
    for (const program of waiting) program.parent = origin === 'fork' || earlier === null ? parent : earlier
    this.#waiting.delete(pid)
  }
}
