// Tests of any agent that makes a failing test pass inside a real sandbox.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SaidDid } from '../../src/domain/said-did/types.ts'
import { findSecret } from '../credentials/find-secret.ts'
import { git } from '../main-job/glovebox.ts'
import { responseOf } from '../scripted-model/exchange-log.ts'
import type { AgentBench, AgentRun } from './agent-bench.ts'
import { openAgentBench, PRICE } from './agent-bench.ts'
import { titleOf } from './agent-under-test.ts'
import type { AgentUnderTest } from './agent-under-test.ts'
import { unexplained } from './unexplained.ts'
import { AGENT_STEP, fixLeapYear, LOOK_FOR, lookFor, PLANTED_FILE, repairTask, TASK } from './repair-task.ts'

const TIMEOUT = 240_000

export function describeRepair(agent: AgentUnderTest): void {
  describe(`${titleOf(agent)} makes a failing test pass`, () => {
    let bench: AgentBench
    let repository: string
    let run: AgentRun
    beforeAll(async () => {
      const since = Date.now()
      bench = await openAgentBench({
        agent,
        typed: true,
        script: (key) => fixLeapYear({ calls: [{ tool: 'run', command: lookFor(key, since) }] }),
      })
      const artifacts = [{ name: 'found.json', path: '/tmp/artifacts/found.json' }]
      repository = await bench.repository({ ...repairTask({}, { artifacts }), ...LOOK_FOR })
      run = await bench.run(repository, TASK)
    }, TIMEOUT)
    afterAll(() => bench?.[Symbol.asyncDispose]())

    test('and proposes the fix as a change; the tests pass when they run again', async () => {
      expect(run, run.stderr).toMatchObject({ code: 0, status: 'succeeded' })
      expect(run.of('sandbox.started')).toMatchObject([{ kind: agent.docker === null ? 'bubblewrap' : 'docker' }])
      expect(run.of('step.finished').filter(({ name }) => name === 'tests')).toMatchObject([
        { outcome: 'failed' },
        { outcome: 'succeeded' },
      ])
      const { stdout } = await bench.glovebox('change', 'diff', 'latest')
      expect(stdout.split('\n').filter((line) => /^[-+](?![-+])/.test(line))).toEqual([
        '-  return year % 4 === 0',
        '+  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)',
      ])
      expect(await git(repository, 'show', 'main:src/leap-year.js')).toContain('return year % 4 === 0\n')
    })

    test('and finds the key nowhere inside the sandbox: not in files, environments or arguments', async () => {
      const [artifact] = run.of('artifact.stored')
      const { files, found } = JSON.parse((await bench.blob(artifact!.digest)).toString()) as {
        files: number
        found: { needle: number; path: string }[]
      }
      expect(files).toBeGreaterThan(20)
      const places = found.filter(({ needle }) => needle === 0).map(({ path }) => path.replace(/\d+/, 'PID'))
      expect(places).toEqual(expect.arrayContaining([PLANTED_FILE, '/proc/PID/environ', '/proc/PID/cmdline']))
      expect(found.filter(({ needle }) => needle !== 0)).toEqual([])
    })

    test('and the key is nowhere in the data folder outside the encrypted store', async () => {
      expect(await findSecret(bench.data, bench.key)).toEqual([])
      expect(JSON.stringify(run.events)).not.toContain(bench.key)
    })

    test('and each exchange with the model is recorded byte for byte', async () => {
      const called = run.of('model.called')
      const exchanges = bench.model.exchanges
      expect(called.length).toBeGreaterThanOrEqual(5)
      const kept = await Promise.all(
        called.map(async ({ request, sent, response, path, status }) => ({
          path: path.replace(/^(?!\/)/, '/'),
          status,
          request: (await bench.blob(sent ?? request!)).toString(),
          response: (await bench.blob(response!)).toString(),
        })),
      )
      const played = exchanges.map((exchange) => ({
        path: exchange.path,
        status: exchange.status,
        request: exchange.request.toString(),
        response: responseOf(exchange).toString(),
      }))
      const byRequest = (a: { request: string }, b: { request: string }): number => (a.request < b.request ? -1 : 1)
      expect(kept.toSorted(byRequest)).toEqual(played.toSorted(byRequest))
      expect(called.every(({ outcome }) => outcome === 'answered')).toBe(true)
    })

    test("and the recorded tokens and cost match the provider's count", async () => {
      const used = bench.model.exchanges.map(({ usage }) => usage!)
      const called = run.of('model.called')
      const sum = (numbers: readonly (number | null)[]): number => numbers.reduce<number>((a, b) => a + (b ?? 0), 0)
      const [input, cached, output] = [
        sum(used.map((each) => each.input)),
        sum(used.map((each) => each.cached)),
        sum(used.map((each) => each.output)),
      ]
      expect(sum(called.map(({ inputTokens }) => inputTokens))).toBe(input)
      expect(sum(called.map(({ cachedTokens }) => cachedTokens))).toBe(cached)
      expect(sum(called.map(({ outputTokens }) => outputTokens))).toBe(output)
      expect(sum(called.map(({ countedTokens }) => countedTokens))).toBe(input + output)
      const cost = (input - cached) * PRICE.input + cached * PRICE.cached + output * PRICE.output
      expect(sum(called.map(({ costMicros }) => costMicros))).toBe(cost)
      const { stdout } = await bench.glovebox('runs', 'show', run.id)
      const money = (cost / 1_000_000).toFixed(4)
      expect(stdout).toContain(`${called.length} calls, ${input} tokens in, ${output} out, ${money} USD`)
    })

    test('and all its actions are announced or known habits', async () => {
      const { stdout } = await bench.glovebox('trace', run.id, '--said-did', '--json')
      const [step] = (JSON.parse(stdout) as SaidDid).steps
      expect(unexplained(step!, agent.own)).toEqual([])
      const seen = ['seen', 'with-more', 'nothing-to-see']
      expect(step!.calls.filter(({ verdict }) => !seen.includes(verdict))).toEqual([])
      // Some agents put the command only into the title.
      const tests = step!.calls.find(({ title, command }) =>
        `${String(title)} ${String(command)}`.includes('node --test'),
      )
      expect(tests?.verdict).toMatch(/^(seen|with-more)$/)
      // The program itself ran, not only a shell that failed to find it.
      const programs = step!.processes.filter(({ by }) => by.class === 'call').map(({ argv }) => argv.join(' '))
      expect(programs).toContain('node --test')
    })

    test('and requests only its model, and known other URLs, which are refused', () => {
      const asked = run.of('net.requested')
      expect(asked.filter(({ decision }) => decision.allowed)).toEqual([])
      const urls = asked.map(({ url }) => String(url))
      expect(urls.filter((url) => !agent.reachesFor.some((pattern) => pattern.test(url)))).toEqual([])
    })

    test('and records its prompt and the end of its turn', async () => {
      const [given] = run.of('prompt.given')
      expect((await bench.blob(given!.prompt)).toString()).toContain('Make the failing test pass')
      expect(run.of('agent.ended')).toMatchObject([{ outcome: 'end_turn' }])
      expect(run.step(AGENT_STEP)).toMatchObject({ outcome: 'succeeded' })
    })
  })
}
