// Budgets of runs: a call over budget is refused before it is sent, in the provider's error format, and is not retried.
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ModelConnection } from '../../src/domain/connections/model-connection.ts'
import type { NewEvent } from '../../src/domain/event.ts'
import { budgetRules, createModelBudgets, isExceeded, type BudgetRule } from '../../src/gateway/model/budget/budgets.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/types.ts'
import { ANTHROPIC } from './model-answers.ts'
import { json, openModelFixture, openProvider, RUN, until } from './model-fixture.ts'

const OTHER = 'zzzzzzzzzzzzzzzzzzz0'
const MESSAGES = [{ role: 'user' as const, content: 'hi' }]
const rule = (limit: BudgetRule['limit']): BudgetRule => ({ name: 'run', scope: { run: RUN }, limit })

describe('a call over budget stops the official client at once, as the provider would', () => {
  const cases: [string, ModelConnection['provider'], (base: string) => Promise<unknown>, object][] = [
    [
      'Anthropic Messages',
      'anthropic',
      (base) =>
        new Anthropic({ baseURL: base, apiKey: 'x' }).messages.create({
          model: 'good',
          max_tokens: 99,
          messages: MESSAGES,
        }),
      { status: 402, error: { type: 'error', error: { type: 'billing_error' } } },
    ],
    [
      'Anthropic Messages, streamed',
      'anthropic',
      (base) =>
        new Anthropic({ baseURL: base, apiKey: 'x' }).messages
          .stream({ model: 'good', max_tokens: 99, messages: MESSAGES })
          .finalMessage(),
      { status: 402 },
    ],
    [
      'OpenAI Chat Completions',
      'openai',
      (base) =>
        new OpenAI({ baseURL: base, apiKey: 'x' }).chat.completions.create({ model: 'good', messages: MESSAGES }),
      { status: 400, code: 'insufficient_quota', type: 'insufficient_quota' },
    ],
    [
      'OpenAI Responses',
      'openai',
      (base) => new OpenAI({ baseURL: base, apiKey: 'x' }).responses.create({ model: 'good', input: 'hi' }),
      { status: 400, code: 'insufficient_quota', type: 'insufficient_quota' },
    ],
    [
      'Gemini',
      'gemini',
      (base) =>
        new GoogleGenAI({
          apiKey: 'x',
          httpOptions: { baseUrl: base, retryOptions: { attempts: 5 } },
        }).models.generateContent({ model: 'good', contents: 'hi' }),
      { status: 400, message: expect.stringContaining('RESOURCE_EXHAUSTED') as string },
    ],
  ]
  test.each(cases)('%s', async (_name, provider, ask, error) => {
    await using far = await openProvider((res) => json(res, {}))
    await using box = await openModelFixture({
      connections: [{ url: far.url, provider }],
      budgets: { run: { tokens: 50 } },
    })
    await expect(ask(box.base)).rejects.toMatchObject(error)
    expect(far.asked).toEqual([])
    // One call: the client did not retry.
    const status = provider === 'anthropic' ? 402 : 400
    expect(box.called()).toMatchObject([{ outcome: 'refused', refusal: 'budget', status, countedTokens: 0 }])
    expect(box.called()[0]?.note).toMatch(/^The budget `run` of 50 tokens has 50 left; this call may take \d+\.$/)
  })
})

const PRICE = { good: { input: 1000, output: 5000 } }

async function post(base: string, maxTokens = 100): Promise<number> {
  const body = JSON.stringify({ model: 'good', max_tokens: maxTokens, messages: MESSAGES })
  const headers = { 'content-type': 'application/json' }
  return (await fetch(`${base}/v1/messages`, { method: 'POST', headers, body })).status
}

/** Input tokens that post() reserves: its bytes divided by three. */
const INPUT = Math.ceil(JSON.stringify({ model: 'good', max_tokens: 100, messages: MESSAGES }).length / 3)

describe('many calls at once', () => {
  test('cannot exceed a budget together: of 50 calls, only those pass that fit', async () => {
    const release = Promise.withResolvers<void>()
    await using far = await openProvider(async (res) => {
      await release.promise
      json(res, ANTHROPIC)
    })
    await using box = await openModelFixture({
      connections: [{ url: far.url }],
      budgets: { run: { tokens: 7 * (INPUT + 100) + 5 } },
    })
    const answers = Array.from({ length: 50 }, () => post(box.base))
    await box.calledTimes(43)
    await until(
      () => far.asked.length,
      (asked) => asked === 7,
    )
    release.resolve()
    const statuses = await Promise.all(answers)
    expect(statuses.filter((status) => status === 200)).toHaveLength(7)
    expect(statuses.filter((status) => status === 402)).toHaveLength(43)
    // The calls used less than their reservations, so there is room again.
    expect(await post(box.base)).toBe(200)
  })
})

describe('a step with its own budget', () => {
  test('counts it from the start of the step, besides the budget of the run', async () => {
    await using far = await openProvider((res) => json(res, ANTHROPIC))
    await using box = await openModelFixture({ connections: [{ url: far.url }] })
    expect(await post(box.base)).toBe(200)
    box.run.limitStep('fix', { tokens: 50 })
    expect(await post(box.base)).toBe(402)
    expect(box.called()[1]?.note).toMatch(/^The budget `step fix` of 50 tokens/)
    box.run.limitStep('fix', null)
    expect(await post(box.base)).toBe(200)
  })
})

describe('the count of a call', () => {
  test('is the tokens that the provider counted, and their cost', async () => {
    await using far = await openProvider((res) => json(res, ANTHROPIC))
    // An answer has 17 tokens in and 3 out, which cost 32,000 micros. The reservation for one call is more than 0.5.
    await using box = await openModelFixture({
      connections: [{ url: far.url, prices: PRICE }],
      budgets: { run: { cost: 0.6 } },
    })
    expect([await post(box.base), await post(box.base)]).toEqual([200, 200])
    expect(box.called()).toMatchObject([{ costMicros: 32_000 }, { costMicros: 32_000 }])
    expect(await box.store.usage.sum({ run: RUN }, 'USD', [])).toEqual({ tokens: 40, costMicros: 64_000, calls: 2 })
    expect(await post(box.base, 1000)).toBe(402)
    expect(box.called()[2]?.note).toMatch(
      /^The budget `run` of 0.6 USD has 0.5360 left; this call may cost 5\.\d{4}\.$/,
    )
  })

  test('does not include a failed call in the number of calls', async () => {
    let asked = 0
    await using far = await openProvider((res) => (++asked === 2 ? json(res, {}, 500) : json(res, ANTHROPIC)))
    await using box = await openModelFixture({ connections: [{ url: far.url }], step: { calls: 2 } })
    const statuses = [await post(box.base), await post(box.base), await post(box.base), await post(box.base)]
    expect(statuses).toEqual([200, 500, 200, 402])
    expect(box.called()[3]?.note).toBe('The budget `step fix` of 2 calls of the model is used up.')
  })

  test('separates money by currency, but not tokens', async () => {
    await using far = await openProvider((res) => json(res, ANTHROPIC))
    await using box = await openModelFixture({
      connections: [
        { url: far.url, prices: PRICE },
        { url: far.url, name: 'euro', prices: PRICE, currency: 'EUR' },
      ],
    })
    await post(box.base)
    await post(box.base.replace('/main', '/euro'))
    expect(await box.store.usage.sum({}, 'EUR', [])).toEqual({ tokens: 40, costMicros: 32_000, calls: 2 })
  })

  test('has no cost for a model without a price', async () => {
    await using far = await openProvider((res) => json(res, ANTHROPIC))
    await using box = await openModelFixture({ connections: [{ url: far.url }], budgets: { run: { cost: 0.001 } } })
    expect(await post(box.base)).toBe(200)
    expect(box.called()).toMatchObject([{ costMicros: null, countedTokens: 20 }])
  })
})

describe('which calls count', () => {
  const called = (run: string, call: string, tokens: number, kind: 'model.asked' | 'model.called'): NewEvent => {
    const head = { call, connection: 'main', model: 'good', wire: null, method: 'POST', path: '/', request: null }
    const common = { ...head, currency: 'USD', decision: { allowed: true, reasons: [] } }
    const facts = {
      inputTokens: null,
      outputTokens: null,
      cachedTokens: null,
      cacheWriteTokens: null,
      stopReason: null,
    }
    const rest = { tools: [], firstByteMs: null, wallMs: 1, response: null, chunks: null, replaced: 0, note: null }
    const event = { run, source: 'gateway', actor: { id: `run:${run}` } } as const
    if (kind === 'model.asked')
      return { ...event, kind, body: { ...common, reservedTokens: tokens, reservedCostMicros: null } }
    const end = { status: 200, outcome: 'answered', refusal: null, estimated: false, costMicros: null } as const
    return { ...event, kind, body: { ...common, ...facts, ...rest, ...end, countedTokens: tokens } }
  }
  const estimate = { call: 'new', run: RUN, tokens: 10, costMicros: null, currency: 'USD' }

  async function storeIn(folder: string, now = Date.now()): Promise<Store> {
    return openStore(folder, { ids: { now: () => now, random: (bytes) => randomBytes(bytes) } })
  }

  test('a run, a run of its task, the day and all runs together have separate budgets', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'glovebox-budgets-'))
    const day = 24 * 60 * 60 * 1000
    const today = 20_000 * day + 5000
    try {
      const yesterday = await storeIn(folder, today - 6000)
      await yesterday.record([called(OTHER, 'a', 1000, 'model.called')])
      await yesterday[Symbol.asyncDispose]()
      await using store = await storeIn(folder, today)
      await store.record([called(OTHER, 'b', 100, 'model.called'), called(RUN, 'c', 10, 'model.called')])
      const budgets = createModelBudgets(store.usage, () => today)
      const asked = async (limits: Parameters<typeof budgetRules>[0], task = 'fix'): Promise<string | null> => {
        const answer = await budgets.reserve(estimate, budgetRules(limits, { run: RUN, task, now: today }))
        if (isExceeded(answer)) return answer.rule.name
        answer.release()
        return null
      }
      const tasks = { fix: { tokens: 19 } }
      expect(await asked({ run: { tokens: 20 }, day: { tokens: 120 }, total: { tokens: 1120 } })).toBeNull()
      expect(await asked({ run: { tokens: 19 } })).toBe('run')
      expect([await asked({ tasks }), await asked({ tasks }, 'other'), await asked({ tasks }, 'constructor')]).toEqual([
        'task',
        null,
        null,
      ])
      expect(await asked({ day: { tokens: 119 } })).toBe('day')
      expect(await asked({ total: { tokens: 1119 } })).toBe('total')
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  test('a call during which Glovebox was killed counts with its reservation', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'glovebox-budgets-'))
    try {
      const first = await storeIn(folder)
      await first.record([called(RUN, 'a', 500, 'model.asked')])
      await first[Symbol.asyncDispose]()
      await using store = await storeIn(folder)
      expect(await store.usage.sum({ run: RUN }, 'USD', [])).toMatchObject({ tokens: 500 })
      const answer = await createModelBudgets(store.usage, Date.now).reserve(estimate, [rule({ tokens: 505 })])
      expect(isExceeded(answer)).toBe(true)
      await store.record([called(RUN, 'a', 20, 'model.called')])
      expect(await store.usage.sum({ run: RUN }, 'USD', [])).toMatchObject({ tokens: 20 })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})
