import { RequestError } from '@agentclientprotocol/sdk'
import type { ContentBlock } from '@agentclientprotocol/sdk'

/** A prompt as text. Content types that the agent did not offer at `initialize` are refused, not dropped. */
export function promptText(blocks: readonly ContentBlock[]): string {
  const text = blocks.map(textOf).join('\n\n')
  if (text.trim() === '') throw RequestError.invalidParams(undefined, 'the prompt is empty')
  return text
}

function textOf(block: ContentBlock): string {
  switch (block.type) {
    case 'text':
      return block.text
    case 'resource_link':
      return `${block.name}: ${block.uri}`
    default:
      throw RequestError.invalidParams(undefined, `prompts with ${block.type} content are not supported`)
  }
}
