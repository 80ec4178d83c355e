import { readFileSync } from 'node:fs'

/** Content of a small file of /proc; null if this kernel does not have it. */
export function readSetting(path: string): string | null {
  try {
    return readFileSync(path, 'latin1').trim()
  } catch {
    return null
  }
}
