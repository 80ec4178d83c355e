// An attempt of the hostile battery: a program that runs inside a real sandbox, and the checks afterwards.
import type { Budget } from '../../src/domain/budget.ts'
import type { Event, EventKind } from '../../src/domain/event.ts'
import type { TrapRegistries } from './trap-registries.ts'

export type AttemptGroup = 'host' | 'escape' | 'exhaustion' | 'network' | 'registries' | 'models' | 'git' | 'record'

/** The results of an attempt's run. */
export interface AttemptOutcome {
  run: { id: string; status: string; reason: string | null }
  /** Output of the attempt's step, as text. */
  stdout: string
  stderr: string
  code: number | null
  change: { id: string } | null
  /** All events of the run, oldest first. */
  events: readonly Event[]
  of<K extends EventKind>(kind: K): Extract<Event, { kind: K }>[]
}

/** The surroundings of an attempt on the host. */
export interface AttemptGround {
  /** Kind of sandbox, e.g. `bubblewrap`. */
  kind: string
  /**
   * A host folder of the test, which no sandbox sees. It holds the canary in the
   * files `secret` and `private`; nothing in it may change while the run lives.
   */
  folder: string
  /** The bare repository that the run works on. */
  repository: string
  /** Glovebox's data folder. */
  data: string
  /** Further knowledge of the attacker: variables of the attempt's step. `before` may add to it. */
  env: Record<string, string>
  /** The registries of the machine's npm configuration; only attempts of the group `registries` have them. */
  registries: TrapRegistries | null
  /** Runs a command of `glovebox` on this data folder, as a person at a terminal does. */
  type(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }>
  /** Starts another run on the same repository, in mode `write`; resolves when its script runs. */
  otherRun(script: string): Promise<OtherRun>
}

/** Runs beside the attempt. */
export interface OtherRun {
  id: string
  ended(): Promise<AttemptOutcome>
  cancel(): Promise<AttemptOutcome>
}

export interface Attempt {
  /** kebab-case, unique in the battery. */
  id: string
  group: AttemptGroup
  /** The attack in one line: a row of the table in docs/threat-model.md. Starts with a verb. */
  tries: string
  /** The wall that stops it, in a few words, e.g. `mount namespace`. */
  wall: string
  /** Number of the invariant that a success would break (docs/threat-model.md); 0: none. */
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
  /** Bounds of the task on the use of models. */
  budget?: Budget
  /** Sets the trap on the host. Its clean-up runs after `verify`, also if that fails. */
  before?(ground: AttemptGround, cleanup: AsyncDisposableStack): Promise<void> | void
  /** Throws (expect) if the attempt succeeded, the host changed, or the record lacks an expected event. */
  verify(outcome: AttemptOutcome, ground: AttemptGround): Promise<void> | void
  /**
   * Kinds of sandbox that can't stop it, with the reason. `verify` then checks what is claimed instead; of the other kinds
   * it still has to show that they do.
   */
  notStopped?: Readonly<Record<string, string>>
}
