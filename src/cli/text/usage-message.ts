// Words of Glovebox for the usage errors of commander.
import { suggestion } from '../../domain/nearest-word.ts'

interface UsageMessage {
  message: string
  cure: string | null
}

type Form = readonly [RegExp, (...groups: string[]) => UsageMessage]

const FORMS: readonly Form[] = [
  [
    /^option '([^' ,]+)[^']*' argument '(.*)' is invalid\. Allowed choices are (.*)\.$/s,
    (option, given, choices) => ({
      message: `${option} can't be \`${given}\``,
      cure: suggestion(given ?? '', (choices ?? '').split(', ')),
    }),
  ],
  [
    /^option '([^' ,]+)[^']*' argument '(.*)' is invalid\. (.*)$/s,
    (option, given, why) => ({ message: `${option} can't be \`${given}\``, cure: clause(why ?? '') }),
  ],
  [/^required option '([^']*)' not specified$/, (option) => ({ message: `${option} is missing`, cure: null })],
  [/^option '([^']*)' argument missing$/, (option) => ({ message: `${option} needs a value`, cure: null })],
  [/^missing required argument '([^']*)'$/, (name) => ({ message: `<${name}> is missing`, cure: null })],
  [/^unknown (option|command) '(.*)'$/s, (kind, name) => ({ message: `unknown ${kind} \`${name}\``, cure: null })],
  [
    /^too many arguments(?: for '([^']*)')?\. .* got \d+: (.*)\.$/s,
    (command, given) => ({ message: `too many words for \`${command ?? 'glovebox'}\`: ${given}`, cure: null }),
  ],
]

/** `text`: a message of commander, such as "error: unknown command 'rnu'\n(Did you mean run?)". */
export function usageMessage(text: string): UsageMessage {
  const [, said = '', near] = /^(?:error: )?(.*?)(?:\n\(Did you mean (.*)\?\))?\s*$/s.exec(text) ?? []
  for (const [form, words] of FORMS) {
    const found = form.exec(said)
    if (found === null) continue
    const { message, cure } = words(...found.slice(1))
    return { message, cure: near === undefined ? cure : didYouMean(near) }
  }
  return { message: said, cure: near === undefined ? null : didYouMean(near) }
}

/** A sentence as a part of another one. */
function clause(sentence: string): string | null {
  const words = sentence.replace(/\.$/, '')
  return words === '' ? null : words.charAt(0).toLowerCase() + words.slice(1)
}

function didYouMean(names: string): string {
  const words = names.replace(/^one of /, '').split(', ')
  return `did you mean ${words.map((word) => `\`${word}\``).join(' or ')}?`
}
