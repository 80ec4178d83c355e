import type { CommandResult, CommandSpec, GuestReport, GuestSink } from '../types.ts'
import type { GuestMessage } from './decode-message.ts'
import { encodeKill, encodeRun } from './encode-request.ts'
import { unexpected } from './exchange.ts'
import type { Exchange } from './exchange.ts'
import { LinkError } from './link-error.ts'
import { StepInput } from './step-input.ts'

/** The exchange of one command, from the request until its end was handed on. */
export class RunExchange implements Exchange {
  readonly step: number
  readonly #request: Uint8Array
  readonly #sink: GuestSink
  readonly #send: (frame: Uint8Array) => void
  readonly #input: StepInput | null
  readonly #result = Promise.withResolvers<CommandResult>()
  #waiting: (() => Promise<void> | void)[] = []
  #reports: GuestReport[] = []
  #settle: (() => void) | null = null
  #inputError: LinkError | null = null

  constructor(command: CommandSpec, sink: GuestSink, send: (frame: Uint8Array) => void) {
    this.step = command.step
    this.#request = encodeRun(command)
    this.#sink = sink
    this.#send = send
    this.#input = command.stdin ? new StepInput(command.step, command.stdin, send) : null
  }

  start(signal: AbortSignal): Promise<CommandResult> {
    const kill = () => this.#kill()
    this.#send(this.#request)
    if (signal.aborted) kill()
    else signal.addEventListener('abort', kill, { once: true })
    this.#input?.run().catch((cause: unknown) => {
      this.#inputError = new LinkError('input', "the step's standard input failed", { cause })
      kill()
    })
    return this.#result.promise.finally(() => signal.removeEventListener('abort', kill))
  }

  take(message: GuestMessage): boolean {
    if (message.kind === 'report') {
      this.#sameStep(message.report.step)
      this.#reports.push(message.report)
      return false
    }
    if (message.kind === 'output') {
      this.#sameStep(message.step)
      this.afterReports(() => this.#sink.output(message.stream, message.bytes))
      return false
    }
    if (message.kind === 'input-taken' && this.#input) {
      this.#sameStep(message.step)
      this.#input.taken(message.bytes, message.closed)
      return false
    }
    if (message.kind === 'step-ended') {
      this.#sameStep(message.step)
      this.#end(() => this.#resolve(message.result))
      return true
    }
    if (message.kind === 'step-failed') {
      this.#sameStep(message.step)
      this.#end(() => this.#result.reject(new LinkError('refused', `the step was not run: ${message.detail}`)))
      return true
    }
    throw unexpected(message)
  }

  /** Calls `call` once the sink has handled the reports received so far. */
  afterReports(call: () => Promise<void> | void): void {
    this.#deliverReports()
    this.#waiting.push(call)
  }

  fail(error: LinkError): void {
    this.#input?.stop()
    this.#result.reject(error)
  }

  async flush(): Promise<void> {
    this.#deliverReports()
    const calls = this.#waiting
    this.#waiting = []
    for (const call of calls) await call()
    this.#settle?.()
  }

  #kill(): void {
    this.#send(encodeKill(this.step))
  }

  #end(settle: () => void): void {
    this.#input?.stop()
    this.#settle = settle
  }

  #resolve(result: CommandResult): void {
    if (this.#inputError) this.#result.reject(this.#inputError)
    else this.#result.resolve(result)
  }

  #deliverReports(): void {
    if (this.#reports.length === 0) return
    const batch = this.#reports
    this.#reports = []
    this.#waiting.push(() => this.#sink.reports(batch))
  }

  #sameStep(step: number): void {
    if (step !== this.step) throw new LinkError('protocol', `the guest spoke of step ${step} during step ${this.step}`)
  }
}
