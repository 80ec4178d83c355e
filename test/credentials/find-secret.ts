// Finds a secret in the files below a folder, in plain text, base64 or hex.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Returns the path and the form of each place. */
export async function findSecret(folder: string, secret: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const found: string[] = []
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name)
    const bytes = await readFile(path)
    for (const [form, text] of formsOf(secret)) if (bytes.includes(text)) found.push(`${path}: ${form}`)
  }
  return found
}

export function formsOf(secret: string): [form: string, text: string][] {
  const bytes = Buffer.from(secret)
  const hex = bytes.toString('hex')
  return [
    ['plain', secret],
    ['UTF-16', bytes.toString('latin1').split('').join('\u0000')],
    ['hex', hex],
    ['HEX', hex.toUpperCase()],
    ['reversed', secret.split('').toReversed().join('')],
    ...[0, 1, 2].flatMap((offset): [string, string][] => {
      // The secret may start at any offset in a longer text, so use only the characters that depend on its own bytes.
      const whole = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
      const own = whole.slice(Math.ceil((offset * 4) / 3), Math.floor(((offset + bytes.length) * 4) / 3) - 1)
      return [
        [`base64+${offset}`, own],
        [`base64url+${offset}`, own.replaceAll('+', '-').replaceAll('/', '_')],
      ]
    }),
  ]
}
