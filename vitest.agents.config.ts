import { defineConfig } from 'vitest/config'
import { AgentTable } from './test/agents/agent-table.ts'

// npm run test:agents: with the agents themselves, which are hundreds of megabytes and no part of npm test.
export default defineConfig({
  test: {
    include: ['test/agents/**/*.agents.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    globalSetup: ['test/one-temporary-folder.ts', 'test/agents/provide-agents.ts', 'test/docker/stop-engine.ts'],
    reporters: ['verbose', new AgentTable()],
  },
})
