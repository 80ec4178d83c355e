// A host secret in files and in the environment. It must never appear in a sandbox.
import { randomBytes } from 'node:crypto'

export const CANARY = `canary-${randomBytes(12).toString('hex')}`
