import { readFileSync } from 'node:fs'

/** The file is missing, has gone with its process or its cgroup, is closed to this account, or has no value. */
const MISSING: ReadonlySet<string> = new Set([
  ...['ENOENT', 'ENOTDIR', 'ESRCH', 'ENODEV', 'ENXIO', 'ELOOP'],
  ...['EACCES', 'EPERM', 'EINVAL', 'EOPNOTSUPP'],
])

/** Content of a small file of /proc; null if this kernel does not have it. Throws like `unlessMissing`. */
export function readSetting(path: string): string | null {
  return unlessMissing(() => readFileSync(path, 'latin1').trim(), null)
}

/**
 * Result of `read`, or `missing`. Throws every other error, such as ENFILE when this machine can open no more files:
 * a caller that took it for the end of a process would stop to watch a sandbox, or give its user id away.
 */
export function unlessMissing<Found, Missing>(read: () => Found, missing: Missing): Found | Missing {
  try {
    return read()
  } catch (error) {
    if (MISSING.has((error as NodeJS.ErrnoException).code ?? '')) return missing
    throw error
  }
}
