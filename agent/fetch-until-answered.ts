import { Agent, fetch as fetchBy } from 'undici'
import { cutOff } from './model-failure.ts'

/**
 * Not Node's own `fetch`: that one would go through the proxy of the sandbox's environment, which leads to the internet and
 * not to the models, and gives up after 300 seconds without a byte. How long is waited is the caller's.
 */
const directly = new Agent({ headersTimeout: 0, bodyTimeout: 0 })

/**
 * For one request to a model. The SDK may try it again as long as no answer has begun, and nothing was billed; for some
 * wires it also would when the beginning of an answer broke off, which was billed.
 */
export function fetchUntilAnswered(): typeof fetch {
  let answered = false
  const once: typeof fetchBy = async (input, init) => {
    if (answered) throw cutOff('it broke off as soon as it began')
    const response = await fetchBy(input, { ...init, dispatcher: directly })
    answered = response.ok
    return response
  }
  // The same standard, typed twice.
  return once as unknown as typeof fetch
}
