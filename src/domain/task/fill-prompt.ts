// Fills inputs and artifacts into the prompt of an agent. Text of the requester and of tools can contain instructions,
// so it is fenced as data. The fence only helps the model; the sandbox is the security boundary.
import { own } from '../own.ts'

export interface PromptValues {
  inputs: Readonly<Record<string, string>>
  artifacts: Readonly<Record<string, string>>
}

const EXPRESSION = /\$\{\{\s*(inputs|artifacts)\.([A-Za-z0-9][A-Za-z0-9._-]*)\s*\}\}/g

/** Names of the artifacts in the prompt. */
export function artifactsIn(prompt: string): string[] {
  return [...prompt.matchAll(EXPRESSION)].flatMap(([, group, name]) => (group === 'artifacts' && name ? [name] : []))
}

/**
 * Fills in all values in one pass, so expressions inside filled-in text stay as they are. Unknown names become empty.
 */
export function fillPrompt(prompt: string, values: PromptValues): string {
  return prompt.replace(EXPRESSION, (_, group: keyof PromptValues, name: string) => {
    const given = values[group]
    return fenced(name, own(given, name) ?? '')
  })
}

/** The fence is longer than any fence in the text, so that the text can't end it. */
function fenced(name: string, text: string): string {
  if (/^[\w@./: -]{0,200}$/.test(text)) return text
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return `\n${fence}untrusted ${name}\n${text}\n${fence}\n`
}
