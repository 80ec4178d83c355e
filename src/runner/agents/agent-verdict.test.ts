import { describe, expect, test } from 'vitest'
import { agentVerdict } from './agent-verdict.ts'
import { cancelled, StopReason } from '../stop-reason.ts'

const NEVER = new AbortController().signal
const DOWN = "The provider of main can't be reached."
const TROUBLE = { outcome: 'failed' as const, why: DOWN }
const turn = (outcome: 'end_turn' | 'failed' | 'max_tokens', message: string | null = null) => ({ outcome, message })

const ending = { agent: turn('failed', 'it broke'), timedOut: false, stopped: NEVER, trouble: null }

describe('a step that asked an agent', () => {
  test('succeeds when its turn ended, whatever its model did before', () => {
    expect(agentVerdict({ ...ending, agent: turn('end_turn'), trouble: TROUBLE })).toEqual({ outcome: 'succeeded' })
  })

  test('names the failure of the model before the message of the agent, and no reason twice', () => {
    expect(agentVerdict({ ...ending, trouble: TROUBLE }).note).toBe(
      "model failed: The provider of main can't be reached; it broke",
    )
    const echoing = turn('failed', `it answered with an error: 502 Glovebox: ${DOWN}`)
    expect(agentVerdict({ ...ending, agent: echoing, trouble: TROUBLE }).note).toBe(`model failed: ${DOWN}`)
    expect(agentVerdict({ ...ending, agent: turn('max_tokens') }).note).toBe('the agent ended with max_tokens')
  })

  test('that timed out while its model was unreachable says so', () => {
    expect(agentVerdict({ ...ending, timedOut: true })).toEqual({
      outcome: 'timed-out',
      note: 'the time limit of the step',
    })
    const note = `the time limit of the step; model failed: ${DOWN}`
    expect(agentVerdict({ ...ending, timedOut: true, trouble: TROUBLE })).toEqual({ outcome: 'timed-out', note })
  })

  test('says so also when the whole run timed out, but not when a person cancelled', () => {
    const stopped = AbortSignal.abort(new StopReason('failed', 'wall time limit 3 min'))
    const note = `wall time limit 3 min; model failed: ${DOWN}`
    expect(agentVerdict({ ...ending, stopped, trouble: TROUBLE })).toEqual({ outcome: 'cancelled', note })
    const byAda = AbortSignal.abort(cancelled('user:ada'))
    expect(agentVerdict({ ...ending, stopped: byAda, trouble: TROUBLE }).note).toBe('cancelled by user:ada')
  })
})
