import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'agent/**/*.test.ts', 'test/**/*.test.ts'],
    // Real sandboxes, TLS and git on a small machine: slow is not wrong, hanging is.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
    // Torn down in reverse order: the engine's folder is gone before leftovers are counted.
    globalSetup: ['test/one-temporary-folder.ts', 'test/docker/stop-engine.ts'],
  },
})
