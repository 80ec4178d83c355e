import { readdir, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { z } from 'zod'
import { locate } from './locate.ts'
import { cut, looksBinary, plainText } from './plain-text.ts'
import { readBytes } from './read-bytes.ts'
import { defineTool } from './types.ts'

const MAX_BYTES = 16 * 1024 ** 2
const MAX_LINES = 2_000
const MAX_CHARS = 48_000
const MAX_LINE_CHARS = 2_000
const MAX_ENTRIES = 1_000

const schema = z.object({
  path: z.string().min(1).max(4096).describe('A file or a folder; relative to the working directory, or absolute.'),
  first_line: z.number().int().min(1).optional().describe('The default is 1.'),
  lines: z.number().int().min(1).max(MAX_LINES).optional().describe(`How many; the default is ${MAX_LINES}.`),
})

export const read = defineTool(schema, {
  name: 'read',
  description:
    'Reads a text file, or the names in a folder. Each line comes with its number and a tab before it, which are not ' +
    'part of the file. Long files are cut: ask again with first_line.',
  kind: 'read',
  asks: false,
  announce: ({ path, first_line }, cwd) => ({
    title: `Read ${path}`,
    locations: [{ path: resolve(cwd, path), ...(first_line === undefined ? {} : { line: first_line }) }],
  }),
  async run({ path: named, first_line = 1, lines = MAX_LINES }, { cwd }) {
    const { path, note } = await locate(named, cwd)
    if ((await stat(path)).isDirectory()) return { ok: true, text: join(note, await namesIn(path)) }
    const { bytes, more } = await readBytes(path, MAX_BYTES)
    if (looksBinary(bytes)) return { ok: false, text: join(note, `${path} is not text. Look at it with shell.`) }
    const unread = more ? `[only the first ${MAX_BYTES} bytes were read; use shell for the rest]` : ''
    return { ok: true, text: join(note, numbered(plainText(bytes), first_line, lines), unread) }
  },
})

async function namesIn(folder: string): Promise<string> {
  const entries = await readdir(folder, { withFileTypes: true })
  const names = entries.map((entry) => entry.name + (entry.isDirectory() ? '/' : entry.isSymbolicLink() ? '@' : ''))
  const rest = names.length - MAX_ENTRIES
  const shown = names.toSorted().slice(0, MAX_ENTRIES).join('\n')
  return plainText(Buffer.from(rest > 0 ? `${shown}\n[${rest} more]` : shown || '[empty folder]'))
}

function numbered(text: string, first: number, count: number): string {
  if (text === '') return '[empty file]'
  const all = text.split('\n')
  // A final line feed does not start another line.
  if (all.at(-1) === '') all.pop()
  if (first > all.length) return `[the file has ${all.length} lines]`
  const shown: string[] = []
  let chars = 0
  for (const line of all.slice(first - 1, first - 1 + count)) {
    const kept = line.length > MAX_LINE_CHARS ? `${cut(line, MAX_LINE_CHARS)} [line cut]` : line
    chars += kept.length + 8
    if (chars > MAX_CHARS && shown.length > 0) break
    shown.push(`${first + shown.length}\t${kept}`)
  }
  const next = first + shown.length
  return next > all.length ? shown.join('\n') : `${shown.join('\n')}\n[line ${next} of ${all.length} comes next]`
}

function join(...parts: string[]): string {
  return parts.filter((part) => part !== '').join('\n')
}
