// Oracle: JSON as parsers in other languages read it. They may use the first or the last of two equal keys, and may
// ignore case. Accepts only valid JSON, because a strict parser has already accepted its input.

export type Merge = 'first' | 'last' | 'any-case'

export function parseLoosely(text: string, merge: Merge): unknown {
  let at = 0

  function value(): unknown {
    skip()
    const char = text[at]
    if (char === '{') return object()
    if (char === '[') return array()
    if (char === '"') return string()
    const [word = ''] = /^[^\s,\]}]+/.exec(text.slice(at, at + 400)) ?? []
    at += word.length
    return JSON.parse(word)
  }

  function object(): Record<string, unknown> {
    const result: Record<string, unknown> = Object.create(null) as Record<string, unknown>
    for (at += 1; ; at += 1) {
      skip()
      if (text[at] === '}') break
      const key = merge === 'any-case' ? string().toLowerCase() : string()
      skip()
      at += 1
      const item = value()
      if (merge !== 'first' || !(key in result)) result[key] = item
      skip()
      if (text[at] === '}') break
    }
    at += 1
    return result
  }

  function array(): unknown[] {
    const result: unknown[] = []
    for (at += 1; ; at += 1) {
      skip()
      if (text[at] === ']') break
      result.push(value())
      skip()
      if (text[at] === ']') break
    }
    at += 1
    return result
  }

  function string(): string {
    const start = at
    for (at += 1; text[at] !== '"'; at += 1) if (text[at] === '\\') at += 1
    at += 1
    return JSON.parse(text.slice(start, at)) as string
  }

  function skip(): void {
    while (/\s/.test(text[at] ?? '')) at += 1
  }

  return value()
}
