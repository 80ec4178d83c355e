// The record of one run for its stages. The called method determines who attests an event.
import type { Actor } from '../domain/actor.ts'
import { platformEvent } from '../domain/event.ts'
import type { EventBody, NewEvent } from '../domain/event.ts'
import type { AGENT_EVENTS, ASK_EVENTS } from '../domain/events/agent.ts'
import type { KERNEL_EVENTS } from '../domain/events/kernel.ts'
import type { PLATFORM_EVENTS } from '../domain/events/platform.ts'
import type { Recorder } from '../store/types.ts'

type PlatformKind = keyof typeof PLATFORM_EVENTS | keyof typeof ASK_EVENTS
type AgentKind = keyof typeof AGENT_EVENTS
export type KernelKind = keyof typeof KERNEL_EVENTS
export type KernelEvent = { [K in KernelKind]: { kind: K; body: EventBody<K> } }[KernelKind]

export interface RunRecord {
  platform<K extends PlatformKind>(kind: K, body: EventBody<K>): Promise<void>
  kernel(events: readonly KernelEvent[]): Promise<void>
  /** Records a claim of code in the sandbox. */
  agent<K extends AgentKind>(kind: K, body: EventBody<K>): Promise<void>
}

export function recordFor(run: string, recorder: Recorder): RunRecord {
  const inside: Actor = { id: `run:${run}` }
  return {
    async platform(kind, body) {
      await recorder.record([platformEvent(run, kind, body)])
    },
    async kernel(events) {
      if (events.length === 0) return
      await recorder.record(events.map((event) => ({ ...event, run, source: 'kernel', actor: inside }) as NewEvent))
    },
    async agent(kind, body) {
      await recorder.record([{ run, source: 'agent', actor: inside, kind, body } as NewEvent])
    },
  }
}
