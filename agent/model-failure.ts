// The error for a model that did not answer, with one sentence for a person. Text from the provider is made printable
// and bounded.
import { APICallError, RetryError, StreamProviderError } from 'ai'
import { oneLine, plainText } from './tools/plain-text.ts'

export class ModelFailure extends Error {
  override readonly name = 'ModelFailure'
  /** HTTP status of the provider or the gateway; null if there was no answer or only part of one. */
  readonly status: number | null
  constructor(message: string, status: number | null) {
    super(oneLine(plainText(Buffer.from(message)), 800))
    this.status = status
  }
}

const MEANING: Readonly<Record<number, string>> = {
  400: 'The model provider did not understand the request',
  401: 'The model provider refused the credential of the connection',
  402: 'The model provider refused to bill the request',
  403: 'The request to the model is not allowed',
  404: 'The model provider does not know the model or the path',
  413: 'The request to the model is too large',
  429: 'The request to the model is over a limit or a budget',
}

export function modelFailure(thrown: unknown): ModelFailure {
  const error = RetryError.isInstance(thrown) ? thrown.lastError : thrown
  if (error instanceof ModelFailure) return error
  if (APICallError.isInstance(error)) {
    const { statusCode } = error
    if (statusCode !== undefined && statusCode >= 400) return refused(statusCode, error.message)
    if (statusCode === undefined) return new ModelFailure(`No answer from the model: ${reasonOf(error)}`, null)
  }
  if (StreamProviderError.isInstance(error))
    return new ModelFailure(`The model provider broke off its answer: ${error.message}`, error.statusCode ?? null)
  return new ModelFailure(`The answer of the model could not be read to its end: ${reasonOf(error)}`, null)
}

export function cutOff(how: string): ModelFailure {
  return new ModelFailure(`The answer of the model was cut off: ${how}.`, null)
}

export function tooSlow(seconds: number): ModelFailure {
  return new ModelFailure(`The model said nothing for ${seconds} seconds.`, null)
}

function refused(status: number, message: string): ModelFailure {
  const meaning = MEANING[status] ?? (status >= 500 ? 'The model provider failed' : 'The model provider refused')
  return new ModelFailure(`${meaning} (${status}): ${message}`, status)
}

/** The message with its causes, since `fetch failed` alone explains nothing. */
function reasonOf(error: unknown): string {
  const parts: string[] = []
  for (let at: unknown = error; at instanceof Error && parts.length < 4; at = at.cause) {
    const said = at.message || ('code' in at ? String(at.code) : at.name)
    if (!parts.some((part) => part.includes(said))) parts.push(said)
  }
  return parts.join(': ') || String(error)
}
