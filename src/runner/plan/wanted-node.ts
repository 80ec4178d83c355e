// The versions of Node that a repository asks for.
import { validRange } from 'semver'
import type { SetUpFiles } from './set-up-files.ts'

export interface WantedNode {
  file: string
  /** As the file has it; attacker-controlled. */
  text: string
  /** The range in semver's form. */
  range: string
}

const MAX_CHARS = 200

/** Ignores names such as `lts/iron`, which are not version ranges. */
export function wantedNode(files: SetUpFiles): WantedNode[] {
  return [
    { file: 'package.json', text: enginesOf(files.get('package.json') ?? null) },
    { file: '.nvmrc', text: (files.get('.nvmrc') ?? '').trim() },
    { file: '.node-version', text: (files.get('.node-version') ?? '').trim() },
  ].flatMap(({ file, text }) => {
    const range = text === '' || text.length > MAX_CHARS ? null : validRange(text)
    return range === null ? [] : [{ file, text, range }]
  })
}

function enginesOf(manifest: string | null): string {
  try {
    const { engines } = JSON.parse(manifest ?? '{}') as { engines?: { node?: unknown } }
    return typeof engines?.node === 'string' ? engines.node : ''
  } catch {
    return ''
  }
}
