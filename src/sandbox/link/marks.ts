import { encodeMark } from './encode-request.ts'
import { LinkError } from './link-error.ts'

type Waiting = PromiseWithResolvers<void>

interface Round {
  step: number
  waiting: Waiting[]
}

/** Pending marks. The guest handles one at a time; callers that ask meanwhile share the next one. */
export class Marks {
  readonly #send: (frame: Uint8Array) => void
  /** Marks that have not been settled yet. */
  readonly #open = new Set<Waiting>()
  #underWay: Round | null = null
  #next: Round | null = null

  constructor(send: (frame: Uint8Array) => void) {
    this.#send = send
  }

  ask(step: number): Promise<void> {
    const waiting = Promise.withResolvers<void>()
    this.#open.add(waiting)
    // The guest may have taken the current mark before the actions that this caller asks about.
    if (this.#underWay) this.#next = { step, waiting: [...(this.#next?.waiting ?? []), waiting] }
    else this.#begin({ step, waiting: [waiting] })
    return waiting.promise
  }

  /** Takes the guest's answer; returns the function to call once all earlier reports were handed on. */
  answered(step: number): () => void {
    const answered = this.#underWay
    if (answered?.step !== step) throw new LinkError('protocol', 'the guest answered a mark without being asked')
    this.#underWay = null
    if (this.#next) this.#begin(this.#next)
    return () => {
      for (const waiting of answered.waiting) {
        this.#open.delete(waiting)
        waiting.resolve()
      }
    }
  }

  fail(error: LinkError): void {
    for (const { reject } of this.#open) reject(error)
    this.#open.clear()
  }

  #begin(round: Round): void {
    this.#underWay = round
    this.#next = null
    this.#send(encodeMark(round.step))
  }
}
