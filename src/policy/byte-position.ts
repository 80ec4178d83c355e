// Cedar counts places in UTF-8 bytes; people count lines and characters.

export interface Position {
  line: number
  column: number
}

export function positionOfByte(text: string, offset: number): Position {
  const before = new TextDecoder().decode(new TextEncoder().encode(text).subarray(0, offset))
  const lineStart = before.lastIndexOf('\n') + 1
  return { line: before.split('\n').length, column: [...before.slice(lineStart)].length + 1 }
}
