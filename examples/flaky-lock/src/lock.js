import { mkdirSync, rmdirSync } from 'node:fs'

/** Only one process can make a folder. A lock that somebody left behind is taken away, for the next one who tries. */
export function takeLock(folder) {
  try {
    mkdirSync(folder)
  } catch {
    rmdirSync(folder)
    throw new Error(`${folder} was left behind; try again`)
  }
}

export function releaseLock(folder) {
  rmdirSync(folder)
}
