// Where a connection leads.
import { z } from 'zod'

/** What would be a secret in a place that is shown and recorded, or would be cut off when a path is added. */
function isBaseUrl(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && url.username === '' && url.password === '' && !/[?#]/.test(text)
}

export const BaseUrl = z
  .url({ protocol: /^https?$/, error: 'an http or https URL, such as https://models.example.com' })
  .max(2000)
  .refine(isBaseUrl, 'a URL without user, password, query and fragment; keys are credentials')
