// A cache of policy decisions. For fixed policies the same question always has the same answer: Cedar has no clock, no
// randomness and no state, and a question contains all inputs. A run asks a few different questions thousands of times.
import type { PolicyDecision, PolicyQuestion } from './types.ts'

const MAX_ANSWERS = 1000
/** Longest question that is cached, in characters. */
const MAX_QUESTION = 4096

export function rememberAnswers(
  answer: (question: PolicyQuestion) => PolicyDecision,
): (question: PolicyQuestion) => PolicyDecision {
  const answers = new Map<string, PolicyDecision>()
  return (question) => {
    const text = questionText(question)
    if (text.length > MAX_QUESTION) return answer(question)
    const known = answers.get(text)
    if (known !== undefined) return copyOf(known)
    const given = answer(question)
    // An error may not happen again, so it is not cached.
    if (given.errors.length > 0) return given
    const [oldest] = answers.size < MAX_ANSWERS ? [] : answers.keys()
    if (oldest !== undefined) answers.delete(oldest)
    answers.set(text, copyOf(given))
    return given
  }
}

/** Only for questions that passed question.ts: two different valid questions never have the same JSON text. */
export function questionText({ principal, action, resource, context }: PolicyQuestion): string {
  return JSON.stringify([action, context, ...[principal, resource].map(partsOf)])
}

/** A copy, so that a caller who changes an answer does not change the cached one. */
function copyOf({ allowed, reasons, errors }: PolicyDecision): PolicyDecision {
  return { allowed, reasons: [...reasons], errors: [...errors] }
}

/** Always four parts, so that a missing part never shifts another into its place. */
function partsOf({ type, id, attributes, teams }: PolicyQuestion['principal']): unknown[] {
  return [type, id, attributes, teams ?? []]
}
