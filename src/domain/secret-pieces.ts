// A secret may be several lines, such as a private key in PEM. Each of its lines gives it away, whatever stands between
// them where it is quoted: another line break, an indent, a quotation mark.

/** Shorter lines would be found where no secret is; with one of them alone nobody has the rest. In characters. */
const MIN_LINE = 16

/** RFC 7468: the same around every key. */
const BOUNDARY = /^-----(BEGIN|END) [A-Z0-9 ]+-----$/

/** The whole, each line that is long enough, and for PEM what is between its boundaries without line breaks. */
export function secretPieces(text: string): string[] {
  if (!/[\r\n]/.test(text)) return [text]
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.trim())
  const telling = lines.filter((line) => !BOUNDARY.test(line))
  const unwrapped = telling.length < lines.length ? [telling.join('')] : []
  const other = [text.replaceAll(/\r\n|\r/g, '\n'), text.replaceAll(/\r\n|\r|\n/g, '\r\n')]
  return [...new Set([text, ...other, ...unwrapped, ...telling.filter((line) => line.length >= MIN_LINE)])]
}
