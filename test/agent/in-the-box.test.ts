// The built-in agent in a real sandbox with mounts of the project's Node, the agent and the closure of its packages.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { BUILT_IN_AGENT_PROGRAM, builtInAgentMounts } from '../../src/agents/built-in/mounts.ts'
import { openToolchain } from '../../src/sandbox/toolchain.ts'
import { eventually, LIMITS, openBench } from '../sandbox/boxes.ts'

const PROJECT = join(import.meta.dirname, '../..')

/** A client as a shell script, which waits for each answer before it continues. */
const SCRIPT = `
say() { printf '{"jsonrpc":"2.0","id":%s,"method":"%s","params":%s}\\n' "$@"; }
answered() { until grep -q '"id":'$1 out; do sleep 0.05; done; }
: >out
{
  say 1 initialize '{"protocolVersion":1}'
  answered 1
  say 2 session/new '{"cwd":"/workspace","mcpServers":[]}'
  answered 2
  session=$(sed -n 's/.*"sessionId":"\\([^"]*\\)".*/\\1/p' out)
  say 3 session/prompt '{"sessionId":"'$session'","prompt":[{"type":"text","text":"Hello"}]}'
  answered 3
} | node ${BUILT_IN_AGENT_PROGRAM} >>out 2>err
echo "exit $?" >>err
mv out answers
mv err errors
exec sleep 1000`

test('runs with only its mounts, without the rest of the project', async () => {
  await using bench = await openBench(SCRIPT)
  const toolchain = await openToolchain({
    modules: join(PROJECT, 'node_modules'),
    nodeProgram: process.execPath,
    nodeVersion: process.version,
    folder: join(bench.folder, 'toolchain'),
  })
  const spec = await bench.spec({
    readOnlyMounts: [...toolchain.mounts, ...(await builtInAgentMounts(PROJECT))],
    limits: { ...LIMITS, memoryBytes: 1024 ** 3 },
    env: {
      PATH: `${toolchain.path.join(':')}:/usr/bin:/bin`,
      GLOVEBOX_MODEL_WIRE: 'anthropic',
      // No server listens there: the model gateway is not part of this test.
      GLOVEBOX_MODEL_URL: 'http://127.0.0.1:8118/connection',
      GLOVEBOX_MODEL: 'scripted-1',
    },
  })
  await bench.provider.start(spec, new AbortController().signal)

  // The file of errors comes last. On a busy machine Node alone takes its time, and a refused connection is tried
  // twice.
  const workspace = join(spec.directory, 'workspace')
  await eventually(() => existsSync(join(workspace, 'errors')), 'the agent to end', 50_000)

  const answers = readFileSync(join(workspace, 'answers'), 'utf8').trim().split('\n')
  expect(answers.map((line) => JSON.parse(line) as unknown)).toEqual([
    expect.objectContaining({ id: 1, result: expect.objectContaining({ protocolVersion: 1 }) }),
    { jsonrpc: '2.0', id: 2, result: { sessionId: expect.any(String) } },
    {
      jsonrpc: '2.0',
      id: 3,
      error: {
        code: -32603,
        message: expect.stringMatching(/^No answer from the model.*ECONNREFUSED/),
        data: { status: null },
      },
    },
  ])
  expect(readFileSync(join(workspace, 'errors'), 'utf8')).toBe('exit 0\n')
})
