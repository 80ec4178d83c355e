import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

/** The guest as it ships, and the same sources with AddressSanitizer and UBSan. */
export const BINARIES = ['glovebox-guest', 'glovebox-guest-asan'] as const

/** Test files run side by side: one builds, the others wait and find it done. */
export function buildGuest(): void {
  mkdirSync(join(ROOT, 'build'), { recursive: true })
  const make = ['make', '-s', '-C', join(ROOT, 'guest'), 'all', 'asan', 'vectors', 'programs']
  execFileSync('flock', [join(ROOT, 'build/guest.lock'), ...make], { stdio: ['ignore', 'ignore', 'inherit'] })
}
