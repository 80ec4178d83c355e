// The same question has the same answer for as long as the policies are the same: Cedar has no clock, no chance and no
// state, and a question carries all that is known. A run asks few different ones, thousands of times.
import type { PolicyDecision, PolicyQuestion } from './types.ts'

const MAX_ANSWERS = 1000
/** Characters of a question that is worth remembering. */
const MAX_QUESTION = 4096

/** For questions that were found sound (question.ts): of those, no two different ones have one JSON text. */
export function rememberAnswers(
  answer: (question: PolicyQuestion) => PolicyDecision,
): (question: PolicyQuestion) => PolicyDecision {
  const answers = new Map<string, PolicyDecision>()
  return (question) => {
    const { principal, action, resource, context } = question
    const text = JSON.stringify([action, context, ...[principal, resource].map(partsOf)])
    if (text.length > MAX_QUESTION) return answer(question)
    const known = answers.get(text)
    if (known !== undefined) return copyOf(known)
    const given = answer(question)
    // What went wrong once may go well the next time, and is worth no room.
    if (given.errors.length > 0) return given
    const [oldest] = answers.size < MAX_ANSWERS ? [] : answers.keys()
    if (oldest !== undefined) answers.delete(oldest)
    answers.set(text, copyOf(given))
    return given
  }
}

/** Whoever gets an answer can't change what the next one gets. */
function copyOf({ allowed, reasons, errors }: PolicyDecision): PolicyDecision {
  return { allowed, reasons: [...reasons], errors: [...errors] }
}

/** Null where a part is missing, so that none slips into the place of another. */
function partsOf({ type, id, attributes, teams }: PolicyQuestion['principal']): unknown[] {
  return [type, id, attributes, teams ?? []]
}
