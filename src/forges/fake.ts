// A fake forge for tests of its callers: it records requests and gives configured answers.
import type { Forge, MergeRequest, MergeResult } from './types.ts'

export interface FakeForge extends Forge {
  readonly mirrored: readonly string[]
  readonly published: readonly { branch: string; commit: string }[]
  readonly merged: readonly MergeRequest[]
  /** All later merges reject with this error. */
  failMerges(error: Error): void
}

export function createFakeForge(
  options: { repository?: string; defaultBranch?: string; mergeResult?: MergeResult } = {},
): FakeForge {
  const mirrored: string[] = []
  const published: { branch: string; commit: string }[] = []
  const merged: MergeRequest[] = []
  const result = options.mergeResult ?? { commit: 'f'.repeat(40), kind: 'merge' as const }
  let failure: Error | null = null
  return {
    kind: 'fake',
    repository: options.repository ?? '/srv/storefront.git',
    originUrl: 'https://git.glovebox.internal/storefront.git',
    mirrored,
    published,
    merged,
    failMerges(error) {
      failure = error
    },
    git: {
      defaultBranch: async () => options.defaultBranch ?? 'main',
      async updateMirror(mirror) {
        mirrored.push(mirror)
      },
      async publish({ branch, commit }) {
        published.push({ branch, commit })
      },
      async merge(request) {
        if (failure) throw failure
        merged.push(request)
        return result
      },
      async findMerge({ commit }) {
        return merged.some((request) => request.commit === commit) ? result : null
      },
    },
  }
}
