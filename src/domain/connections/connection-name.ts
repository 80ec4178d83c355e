// The names of connections and credentials.
import { z } from 'zod'

export const ConnectionName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'lowercase letters, digits and dashes, starting with a letter')
