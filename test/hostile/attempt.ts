// What an attempt of the hostile battery is: a program run inside a real sandbox, and what must be true afterwards.
import type { Budget } from '../../src/domain/budget.ts'
import type { Event, EventKind } from '../../src/domain/event.ts'
import type { TrapRegistries } from './trap-registries.ts'

export type AttemptGroup = 'host' | 'escape' | 'exhaustion' | 'network' | 'registries' | 'models' | 'git' | 'record'

/** What a run of an attempt left behind. */
export interface AttemptOutcome {
  run: { id: string; status: string; reason: string | null }
  /** Of the attempt's step, as text. */
  stdout: string
  stderr: string
  code: number | null
  change: { id: string } | null
  /** All events of the run, oldest first. */
  events: readonly Event[]
  of<K extends EventKind>(kind: K): Extract<Event, { kind: K }>[]
}

/** Where an attempt stands, on the host's side. */
export interface AttemptGround {
  /** Kind of sandbox, e.g. `bubblewrap`. */
  kind: string
  /**
   * A folder of the test's own on the host, outside of anything that the sandbox is given. It holds the canary in the
   * files `secret` and `private`; nothing in it may change while the run lives.
   */
  folder: string
  /** The bare repository that the run works on. */
  repository: string
  /** Glovebox's data folder. */
  data: string
  /** More that the attacker is assumed to know: variables of the attempt's step. `before` may add to it. */
  env: Record<string, string>
  /** Those that the machine's npm is configured for; only attempts of the group `registries` have them. */
  registries: TrapRegistries | null
  /** Runs a command of `glovebox` on this data folder, as a person at a terminal does. */
  type(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }>
  /** Starts another run on the same repository, in mode `write`; resolves when its script runs. */
  otherRun(script: string): Promise<OtherRun>
}

/** Side by side with the attempt. */
export interface OtherRun {
  id: string
  ended(): Promise<AttemptOutcome>
  cancel(): Promise<AttemptOutcome>
}

export interface Attempt {
  /** kebab-case, unique in the battery. */
  id: string
  group: AttemptGroup
  /** What is tried, in one line: a row of the table in docs/threat-model.md. */
  tries: string
  /** What stops it, in a few words, e.g. `mount namespace`. */
  wall: string
  /** Number of the invariant that would be broken (docs/threat-model.md); 0 where it is none of them. */
  invariant: number
  /**
   * For /bin/sh, inside, without `-e`. Programs of test/hostile/programs/NAME.c are at /opt/hostile/NAME. The attacker is
   * assumed to know the host: $HOST_FOLDER, $HOST_REPOSITORY and $HOST_DATA are the paths of AttemptGround.
   */
  script: string
  mode?: 'read-only' | 'write'
  /** Named egress sets, as a task file has them. With `anywhere`, policies permit every connection. */
  reach?: readonly string[]
  /** Optional artifacts of the task: name to path in the sandbox. */
  artifacts?: Readonly<Record<string, string>>
  /** Task limits that differ from the battery's own, as a task file has them. */
  limits?: Readonly<Record<string, number | string>>
  /** Name of the model connection that the run may use; `before` makes it. */
  connection?: string
  /** What its task may spend on models. */
  budget?: Budget
  /** Sets the trap on the host; what it registers for cleaning up is done after `verify`, whatever came of it. */
  before?(ground: AttemptGround, cleanup: AsyncDisposableStack): Promise<void> | void
  /** Throws (expect) when the attempt got somewhere, the host changed, or the record does not show what it should. */
  verify(outcome: AttemptOutcome, ground: AttemptGround): Promise<void> | void
  /**
   * Kinds of sandbox that can't stop it, with the reason. `verify` then checks what is claimed instead; of the other kinds
   * it still has to show that they do.
   */
  notStopped?: Readonly<Record<string, string>>
}
