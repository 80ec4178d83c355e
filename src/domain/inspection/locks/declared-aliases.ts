import type { DeclaredAliases } from './compare-locks.ts'

/** Collects every `npm:real@range` of the package.json files, in dependencies, overrides and resolutions. */
export function declaredAliases(manifests: readonly string[]): DeclaredAliases {
  const declared = new Map<string, Set<string>>()
  const left: unknown[] = manifests.map(parsed)
  for (let value = left.pop(); value !== undefined; value = left.pop()) {
    if (typeof value !== 'object' || value === null) continue
    for (const [key, child] of Object.entries(value)) {
      if (typeof child === 'object') left.push(child)
      const [, real] = typeof child === 'string' ? (/^npm:(@?[^@]+)(?:@|$)/.exec(child) ?? []) : []
      // `a/b` and `a>b` mean the package b that a depends on.
      const [, name = key] = /((?:@[^/>@]+\/)?[^/>@]+)(?:@[^/>]*)?$/.exec(key) ?? []
      if (real !== undefined) declared.set(name, (declared.get(name) ?? new Set()).add(real))
    }
  }
  return declared
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text)
  } catch {
    return null
  }
}
