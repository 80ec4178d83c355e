import type { Secret } from '../credentials/types.ts'

/** A secret from the machine's own configuration. */
export function plainSecret(text: string): Secret {
  return { reveal: () => text, toString: () => '[secret]', toJSON: () => '[secret]' }
}
