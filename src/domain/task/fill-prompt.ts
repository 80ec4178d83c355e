// Inputs and artifacts in the prompt of an agent. A requester's text, and what tools wrote, can hold instructions: it is
// fenced as data. That helps a model along; what holds is the box.
import { own } from '../own.ts'

export interface PromptValues {
  inputs: Readonly<Record<string, string>>
  artifacts: Readonly<Record<string, string>>
}

const EXPRESSION = /\$\{\{\s*(inputs|artifacts)\.([A-Za-z0-9][A-Za-z0-9._-]*)\s*\}\}/g

/** Names of the artifacts that the prompt asks for. */
export function artifactsIn(prompt: string): string[] {
  return [...prompt.matchAll(EXPRESSION)].flatMap(([, group, name]) => (group === 'artifacts' && name ? [name] : []))
}

/** In one go: what was filled in is not looked at again, whatever it holds. What there is not is empty. */
export function fillPrompt(prompt: string, values: PromptValues): string {
  return prompt.replace(EXPRESSION, (_, group: keyof PromptValues, name: string) => {
    const given = values[group]
    return fenced(name, own(given, name) ?? '')
  })
}

/** The fence is longer than any that the text holds, so that the text can't end it. */
function fenced(name: string, text: string): string {
  if (/^[\w@./: -]{0,200}$/.test(text)) return text
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return `\n${fence}untrusted ${name}\n${text}\n${fence}\n`
}
