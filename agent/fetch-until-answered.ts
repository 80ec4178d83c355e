import { Agent, fetch as fetchBy } from 'undici'
import { cutOff } from './model-failure.ts'

/**
 * A direct connection without timeouts. Node's own `fetch` would use the proxy of the sandbox's environment, which does
 * not lead to the models, and gives up after 300 seconds without a byte. The caller decides how long to wait.
 */
const directly = new Agent({ headersTimeout: 0, bodyTimeout: 0 })

/**
 * A `fetch` for one request to a model. The SDK may retry only while no answer has begun, since nothing is billed until
 * then. For some wire APIs it would also retry after an answer broke off early, which is billed; this refuses that.
 */
export function fetchUntilAnswered(): typeof fetch {
  let answered = false
  const once: typeof fetchBy = async (input, init) => {
    if (answered) throw cutOff('it broke off as soon as it began')
    const response = await fetchBy(input, { ...init, dispatcher: directly })
    answered = response.ok
    return response
  }
  // undici and Node type the same standard differently.
  return once as unknown as typeof fetch
}
