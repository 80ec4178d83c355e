import { cutOff } from './model-failure.ts'

/**
 * For one request to a model. The SDK may try it again as long as no answer has begun, and nothing was billed; for some
 * wires it also would when the beginning of an answer broke off, which was billed.
 */
export function fetchUntilAnswered(): typeof fetch {
  let answered = false
  return async (...request) => {
    if (answered) throw cutOff('it broke off as soon as it began')
    const response = await fetch(...request)
    answered = response.ok
    return response
  }
}
