// The built-in agent, with a container for its box: the same is asked of it.
import { describe } from 'vitest'
import { ENGINE } from '../docker/docker-bench.ts'
import { BUILT_IN } from './agent-under-test.ts'
import { describeConduct } from './conduct.ts'
import { describeRepair } from './repair.ts'

describe.runIf(ENGINE)('in Docker', () => {
  const agent = { ...BUILT_IN, docker: ENGINE }
  describeRepair(agent)
  describeConduct(agent)
})
