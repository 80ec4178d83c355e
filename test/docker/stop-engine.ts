// vitest's globalSetup: when all tests are over, so is their Docker Engine.
import { closeTestEngine } from './engine.ts'

export const teardown = closeTestEngine
