import type { Secret } from '../credentials/types.ts'

/** A secret that came with the machine's own configuration. */
export function plainSecret(text: string): Secret {
  return { reveal: () => text, toString: () => '[secret]', toJSON: () => '[secret]' }
}
