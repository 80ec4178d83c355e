import { readFileSync } from 'node:fs'

/** A small file of /proc; null when this kernel does not have it. */
export function readSetting(path: string): string | null {
  try {
    return readFileSync(path, 'latin1').trim()
  } catch {
    return null
  }
}
