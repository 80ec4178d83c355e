import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { ToolCallContent } from '@agentclientprotocol/sdk'
import { z } from 'zod'
import { locate } from './locate.ts'
import { readBytes } from './read-bytes.ts'
import { defineTool } from './types.ts'
import type { ToolOutcome } from './types.ts'

const MAX_BYTES = 16 * 1024 ** 2

const schema = z.object({
  path: z.string().min(1).max(4096).describe('Relative to the working directory, or absolute.'),
  old_text: z.string().describe('Must be in the file exactly once, white space included. Empty: creates the file.'),
  new_text: z.string().describe('The text that replaces it.'),
})

export const edit = defineTool(schema, {
  name: 'edit',
  description: 'Replaces one piece of a text file, or creates a file (and its folders) that does not exist yet.',
  kind: 'edit',
  asks: true,
  announce: ({ path, old_text }, cwd) => ({
    title: `${old_text === '' ? 'Create' : 'Edit'} ${path}`,
    locations: [{ path: resolve(cwd, path) }],
  }),
  async run({ path: named, old_text: oldText, new_text: newText }, { cwd }) {
    const { path, note } = await locate(named, cwd)
    const outcome = oldText === '' ? await create(path, newText) : await replace(path, oldText, newText)
    return note === '' ? outcome : { ...outcome, text: `${outcome.text} ${note}` }
  },
})

async function create(path: string, text: string): Promise<ToolOutcome> {
  await mkdir(dirname(path), { recursive: true })
  try {
    // `wx` opens exclusively: it overwrites no file and follows no dangling link.
    await writeFile(path, text, { flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return { ok: false, text: `${path} exists already: give the old_text to replace.` }
  }
  return { ok: true, text: `Created ${path}.`, content: [diff(path, null, text)] }
}

async function replace(path: string, oldText: string, newText: string): Promise<ToolOutcome> {
  const { bytes, more } = await readBytes(path, MAX_BYTES)
  if (more) return { ok: false, text: `${path} is larger than ${MAX_BYTES} bytes. Use shell.` }
  const text = decode(bytes)
  if (text === null) return { ok: false, text: `${path} is not UTF-8 text. Use shell.` }
  const at = text.indexOf(oldText)
  if (at === -1) return { ok: false, text: `old_text is not in ${path}. Read the file and copy it exactly.` }
  // Searched from the next character on, so that overlapping matches count too.
  if (text.includes(oldText, at + 1))
    return { ok: false, text: `old_text is in ${path} more than once. Give more of what is around it.` }
  await writeFile(path, text.slice(0, at) + newText + text.slice(at + oldText.length))
  const line = text.slice(0, at).split('\n').length
  return { ok: true, text: `Replaced at line ${line} of ${path}.`, content: [diff(path, oldText, newText)] }
}

/** null if the bytes are not UTF-8: writing them back would change other parts of the file. */
function decode(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

function diff(path: string, oldText: string | null, newText: string): ToolCallContent {
  return { type: 'diff', path, oldText, newText }
}
