import type { EventBody } from '../../../domain/event.ts'

export type ModelRefusal = NonNullable<EventBody<'model.called'>['refusal']>

/** Why a request to a model is not passed on. The message is shown inside. */
export class ModelRequestError extends Error {
  readonly refusal: ModelRefusal
  readonly status: number | null
  /**
   * `status` where it is another than the refusal's usual one. The message quotes the client, perhaps half a surrogate
   * pair of its, which no record takes: then the refusal would not be on it.
   */
  constructor(refusal: ModelRefusal, message: string, status: number | null = null) {
    super(message.toWellFormed())
    this.name = 'ModelRequestError'
    this.refusal = refusal
    this.status = status
  }
}
