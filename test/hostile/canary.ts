// A secret of the host's, in files and in the environment: it may never come out of a sandbox.
import { randomBytes } from 'node:crypto'

export const CANARY = `canary-${randomBytes(12).toString('hex')}`
