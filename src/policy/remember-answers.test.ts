import { expect, test } from 'vitest'
import { rememberAnswers } from './remember-answers.ts'
import type { PolicyDecision, PolicyQuestion } from './types.ts'

const YES: PolicyDecision = { allowed: true, reasons: ['only'], errors: [] }

function questionAbout(id: string, context: PolicyQuestion['context'] = {}): PolicyQuestion {
  return {
    principal: { type: 'Run', id: 'r1', attributes: {} },
    action: 'connect',
    resource: { type: 'Host', id, attributes: {} },
    context,
  }
}

/** Records which questions reach the policies. */
function counted(answer: () => PolicyDecision) {
  const asked: string[] = []
  const decide = rememberAnswers((question) => {
    asked.push(question.resource.id)
    return answer()
  })
  return { asked, decide }
}

test('evaluates the same question once', () => {
  const { asked, decide } = counted(() => ({ ...YES, reasons: [...YES.reasons] }))
  for (let times = 0; times < 3; times += 1) expect(decide(questionAbout('a'))).toEqual(YES)
  expect(asked).toEqual(['a'])
  decide(questionAbout('a', { port: 443 }))
  decide(questionAbout('b'))
  expect(asked).toEqual(['a', 'a', 'b'])
})

test('changing an answer does not change the next one', () => {
  const { decide } = counted(() => ({ ...YES, reasons: [...YES.reasons] }))
  for (let times = 0; times < 3; times += 1) {
    const answer = decide(questionAbout('a'))
    expect(answer).toEqual(YES)
    answer.reasons.push('forged')
    answer.allowed = false
  }
})

test('does not cache an answer with errors', () => {
  const answers: PolicyDecision[] = [{ allowed: false, reasons: [], errors: ['out of memory'] }, YES]
  const { asked, decide } = counted(() => answers.shift() ?? YES)
  expect(decide(questionAbout('a')).allowed).toBe(false)
  expect(decide(questionAbout('a')).allowed).toBe(true)
  expect(decide(questionAbout('a')).allowed).toBe(true)
  expect(asked).toEqual(['a', 'a'])
})

test('bounds the cache by number, evicting the oldest, and by length of a question', () => {
  const { asked, decide } = counted(() => YES)
  for (let id = 0; id <= 1000; id += 1) decide(questionAbout(String(id)))
  decide(questionAbout('1000'))
  expect(asked).toHaveLength(1001)
  decide(questionAbout('0'))
  expect(asked).toHaveLength(1002)
  const long = questionAbout('l'.repeat(5000))
  decide(long)
  decide(long)
  expect(asked).toHaveLength(1004)
})
