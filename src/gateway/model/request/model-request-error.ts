import type { EventBody } from '../../../domain/event.ts'

export type ModelRefusal = NonNullable<EventBody<'model.called'>['refusal']>

/** The reason for refusing a request to a model. The sandbox sees the message. */
export class ModelRequestError extends Error {
  readonly refusal: ModelRefusal
  readonly status: number | null
  /**
   * `status`: only if it differs from the usual status of the refusal. The message quotes the client and may contain half a
   * surrogate pair. The pair is replaced, since otherwise the refusal could not be recorded.
   */
  constructor(refusal: ModelRefusal, message: string, status: number | null = null) {
    super(message.toWellFormed())
    this.name = 'ModelRequestError'
    this.refusal = refusal
    this.status = status
  }
}
