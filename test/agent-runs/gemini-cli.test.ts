// One external agent in every test run: the one that is quickest to install. `npm run test:agents` tests the others.
import { test } from 'vitest'
import { installAgents } from '../agents/install-agents.ts'
import { externalAgent } from './external-agents.ts'
import { describeRepair } from './repair.ts'

/** npm's message without a registry. Any other problem with the package fails the test. */
const NO_REGISTRY = /E(NOTFOUND|CONNREFUSED|CONNRESET|TIMEDOUT|AI_AGAIN|HOSTUNREACH|NETUNREACH)|socket timeout/

const [state] = await installAgents(['gemini-cli'])
const { folder, reason = '' } = state!

test.runIf(folder === undefined)('gemini-cli can be installed', (context) => {
  if (!NO_REGISTRY.test(reason)) throw new Error(`gemini-cli can not be installed: ${reason}`)
  console.warn(`NOT TESTED: no agent of others runs in the box, as no npm registry can be reached: ${reason}`)
  context.skip(`no npm registry can be reached: ${reason}`)
})

if (folder !== undefined) describeRepair(externalAgent('gemini-cli', folder))
