// Joins the pieces of a streamed message: agents send a message word by word.
import type { Bounds } from '../bounds.ts'

export interface SaidText {
  kind: 'message' | 'thought'
  text: string
}

export interface TextGatherer {
  /** Adds a piece; returns the texts that are now complete, in order. */
  add(piece: SaidText & { message: string | null }): SaidText[]
  take(): SaidText | null
}

export function gatherText({ textBytes }: Pick<Bounds, 'textBytes'>): TextGatherer {
  let open: { kind: SaidText['kind']; message: string | null; pieces: string[]; length: number } | null = null

  function take(): SaidText | null {
    const { kind, pieces } = open ?? { kind: 'message' as const, pieces: [] }
    open = null
    const text = pieces.join('')
    return text.trim() === '' ? null : { kind, text }
  }

  return {
    take,
    add({ kind, text, message }) {
      const complete: (SaidText | null)[] = []
      if (open !== null && (open.kind !== kind || open.message !== message)) complete.push(take())
      open ??= { kind, message, pieces: [], length: 0 }
      open.pieces.push(text)
      open.length += text.length
      if (open.length >= textBytes) complete.push(take())
      return complete.filter((said) => said !== null)
    },
  }
}
