import type { Target } from './target.ts'

/** In order of who is nearest to the attacker. */
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

/** Loaded by name, so that a target's coverage can be watched from before it is there. */
export async function loadTarget(name: string): Promise<Target> {
  const { target } = (await import(`./targets/${name}.ts`)) as { target: Target }
  return target
}
