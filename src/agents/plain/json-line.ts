// Helpers to read JSON lines of an agent. Lines are attacker-controlled: unexpected values become null or empty.

export type Fields = Readonly<Record<string, unknown>>

export function jsonLine(line: string): Fields | null {
  if (!line.startsWith('{')) return null
  try {
    return fieldsOf(JSON.parse(line))
  } catch {
    return null
  }
}

export function fieldsOf(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
