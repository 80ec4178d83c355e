import { accessSync, constants, statSync } from 'node:fs'
import { join } from 'node:path'
import { SandboxError } from '../types.ts'
import { TOOL_PATH } from './run-tool.ts'

/** Absolute path of a system tool; null if it is not installed. */
export function findTool(name: string): string | null {
  return (
    TOOL_PATH.split(':')
      .map((folder) => join(folder, name))
      .find(isExecutable) ?? null
  )
}

export function requireTool(name: string, from: string): string {
  const path = findTool(name)
  if (path === null)
    throw new SandboxError(
      'missing-tool',
      `${name} is not installed: install the package ${from}, or run \`npm run setup\``,
    )
  return path
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
