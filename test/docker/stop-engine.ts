// vitest's globalSetup: stops the tests' Docker Engine after all tests.
import { closeTestEngine } from './engine.ts'

export const teardown = closeTestEngine
