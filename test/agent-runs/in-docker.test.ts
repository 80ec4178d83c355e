// The built-in agent, with a container for its box: the same is asked of it.
import { test } from 'vitest'
import { ENGINE, NO_ENGINE } from '../docker/docker-bench.ts'
import { BUILT_IN } from './agent-under-test.ts'
import { describeConduct } from './conduct.ts'
import { describeRepair } from './repair.ts'

test.runIf(ENGINE === null)('there is an engine', (context) => context.skip(NO_ENGINE!))

if (ENGINE !== null) {
  const agent = { ...BUILT_IN, docker: ENGINE }
  describeRepair(agent)
  describeConduct(agent)
}
