// The base URL of a connection.
import { z } from 'zod'

/**
 * Refuses user and password, which would be shown and recorded, and query and fragment, which an added path would lose.
 */
function isBaseUrl(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && url.username === '' && url.password === '' && !/[?#]/.test(text)
}

export const BaseUrl = z
  .url({ protocol: /^https?$/, error: 'an http or https URL, such as https://models.example.com' })
  .max(2000)
  .refine(isBaseUrl, 'a URL without user, password, query and fragment; keys are credentials')
