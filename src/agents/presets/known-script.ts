import { createHash } from 'node:crypto'

/** Returns a test whether a script has this SHA-256 once the parts that vary (`differs`) are removed. */
export function knownScript(sha256: string, differs: readonly RegExp[]): (script: string) => boolean {
  return (script) => {
    const same = differs.reduce((text, part) => text.replaceAll(part, ''), script)
    return createHash('sha256').update(same).digest('hex') === sha256
  }
}
