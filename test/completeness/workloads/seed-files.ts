import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Returns a seed that writes these files; files that begin with `#!` are executable. */
export function seedFiles(files: Readonly<Record<string, string | Uint8Array>>): (workspace: string) => void {
  return (workspace) => {
    for (const [name, content] of Object.entries(files)) {
      const path = join(workspace, name)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, content)
      if (typeof content === 'string' && content.startsWith('#!')) chmodSync(path, 0o755)
    }
  }
}
