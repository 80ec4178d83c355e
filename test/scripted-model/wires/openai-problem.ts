/** https://platform.openai.com/docs/guides/error-codes */
export function openaiProblem(status: number, message: string): unknown {
  const type = status === 429 ? 'requests' : status < 500 ? 'invalid_request_error' : 'server_error'
  const code = { 404: 'model_not_found', 429: 'rate_limit_exceeded' }[status] ?? null
  return { error: { message, type, param: null, code } }
}

/** OpenAI repeats the ends of the key that it refuses. */
export function openaiRefusal(presented: string | undefined): { status: number; body: unknown } {
  const message =
    presented === undefined
      ? "You didn't provide an API key."
      : `Incorrect API key provided: ${presented.slice(0, 3)}***${presented.slice(-4)}.`
  const code = presented === undefined ? null : 'invalid_api_key'
  return { status: 401, body: { error: { message, type: 'invalid_request_error', param: null, code } } }
}
