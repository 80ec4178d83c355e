// The whole input of a tool call, for the person who decides on it. All of it comes from the agent.
import { printableBlock } from '../../domain/byte-text.ts'
import { formatText } from '../arguments/command-line.ts'

/**
 * One marked line for each line of each value, so that none looks like a line of ours. `bytes`: JSON; anything else is
 * shown as text.
 */
export function askInputLines(bytes: Uint8Array): string[] {
  const text = new TextDecoder().decode(bytes)
  try {
    return valueLines(JSON.parse(text) as unknown, '')
  } catch {
    return marked(text)
  }
}

function valueLines(value: unknown, name: string): string[] {
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, each]) => valueLines(each, name === '' ? key : `${name}.${key}`))
  const label = name === '' ? 'input' : formatText(name, 200)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.includes('\n') ? [`    ${label}:`, ...marked(text)] : [`    ${label}: ${formatText(text)}`]
}

function marked(text: string): string[] {
  return printableBlock(text)
    .split('\n')
    .map((line) => `      | ${line}`)
}
