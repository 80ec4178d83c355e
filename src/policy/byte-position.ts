// Conversion of Cedar's positions, which count UTF-8 bytes, to lines and columns of characters.

export interface Position {
  line: number
  column: number
}

export function positionOfByte(text: string, offset: number): Position {
  const before = new TextDecoder().decode(new TextEncoder().encode(text).subarray(0, offset))
  const lineStart = before.lastIndexOf('\n') + 1
  return { line: before.split('\n').length, column: [...before.slice(lineStart)].length + 1 }
}
