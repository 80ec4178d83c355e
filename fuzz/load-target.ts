import type { Target } from './target.ts'

/** Names of the targets; those nearest to the attacker come first. */
export const TARGET_NAMES = [
  'pkt-line',
  'receive-pack',
  'upload-pack',
  'ref-name',
  'guest-link',
  'authority',
  'http-request',
  'registry-path',
  'model-request',
  'model-answer',
  'lockfile',
  'osv',
  'npm-audit',
] as const

/** Loads a target by name, so that coverage can start before the target is loaded. */
export async function loadTarget(name: string): Promise<Target> {
  const { target } = (await import(`./targets/${name}.ts`)) as { target: Target }
  return target
}
