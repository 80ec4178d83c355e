// JSON that is safe to display: one line with the same value, in which misleading characters are escaped.

// JSON.stringify escapes C0. These are DEL, C1, bidi controls, line separators and invisible characters.
const UNSAFE = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufff9-\uffff]|\p{Default_Ignorable_Code_Point}/gu

export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, (char) => char.split('').map(escapeUnit).join(''))
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
