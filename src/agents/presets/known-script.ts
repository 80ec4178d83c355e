import { createHash } from 'node:crypto'

/** Whether a script is the one of that SHA-256, once what differs each time is taken out of it. */
export function knownScript(sha256: string, differs: readonly RegExp[]): (script: string) => boolean {
  return (script) => {
    const same = differs.reduce((text, part) => text.replaceAll(part, ''), script)
    return createHash('sha256').update(same).digest('hex') === sha256
  }
}
