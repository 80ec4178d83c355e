import type { EventBody } from '../event.ts'
import type { Access } from './types.ts'

const LISTS = ['read', 'written', 'created', 'removed', 'attempted'] as const

/** All accesses of one event, flattened. */
export function accessesOf(body: EventBody<'file.accessed'>): Access[] {
  const renamed = body.renamed.map(({ from, to }): Access => ({ kind: 'renamed', path: from, to }))
  return [...LISTS.flatMap((kind) => body[kind].map((path): Access => ({ kind, path, to: null }))), ...renamed]
}

export function lookOrTouch({ kind }: Pick<Access, 'kind'>): 'look' | 'touch' {
  return kind === 'read' || kind === 'attempted' ? 'look' : 'touch'
}
