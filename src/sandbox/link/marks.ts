import { encodeMark } from './encode-request.ts'
import { LinkError } from './link-error.ts'

type Waiting = PromiseWithResolvers<void>

interface Round {
  step: number
  waiting: Waiting[]
}

/** Marks that were asked for. The guest takes one at a time: who asks meanwhile shares the next one. */
export class Marks {
  readonly #send: (frame: Uint8Array) => void
  /** All that nobody was told about yet. */
  readonly #open = new Set<Waiting>()
  #underWay: Round | null = null
  #next: Round | null = null

  constructor(send: (frame: Uint8Array) => void) {
    this.#send = send
  }

  ask(step: number): Promise<void> {
    const waiting = Promise.withResolvers<void>()
    this.#open.add(waiting)
    // The mark under way may have been taken before what this one is asked about.
    if (this.#underWay) this.#next = { step, waiting: [...(this.#next?.waiting ?? []), waiting] }
    else this.#begin({ step, waiting: [waiting] })
    return waiting.promise
  }

  /** The guest has answered: gives what is to be done once all that came before was handed on. */
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
