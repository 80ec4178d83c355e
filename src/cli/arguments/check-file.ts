// Common part of `task check` and `policy check`: reads the user's file here and lets the server check it.
import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { EXIT } from '../../contract/problem.ts'
import type { CheckResult, SourceFile } from '../../contract/resources.ts'
import { UsageError } from '../cli-error.ts'
import { formatText } from './command-line.ts'
import type { Session } from '../session/session.ts'

const MAX_BYTES = 256 * 1024

export async function checkFile(
  session: Session,
  name: string,
  check: (file: SourceFile) => Promise<CheckResult>,
): Promise<number> {
  const result = await check({ name, text: await readText(resolve(session.environment.cwd, name), name) })
  await session.print(result, () => (result.valid ? `${formatText(name)} is valid.\n` : problemLines(name, result)))
  return result.valid ? EXIT.done : EXIT.badInput
}

function problemLines(name: string, { problems }: CheckResult): string {
  return problems
    .map(({ line, column, message, cure }) => {
      const place = [name, line, column].filter((part) => part !== null).join(':')
      return `${formatText(place)}: ${formatText(message)}${cure === null ? '' : ` (${formatText(cure)})`}\n`
    })
    .join('')
}

export async function readText(path: string, name: string): Promise<string> {
  let file
  try {
    file = await open(path, 'r')
  } catch (error) {
    throw new UsageError(`${name} can't be read: ${reasonOf(error)}`)
  }
  await using _ = file
  const stat = await file.stat()
  if (!stat.isFile()) throw new UsageError(`${name} is not a regular file`)
  if (stat.size > MAX_BYTES) throw new UsageError(`${name} is larger than ${MAX_BYTES} bytes`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await file.readFile())
  } catch {
    throw new UsageError(`${name} is not UTF-8 text`)
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
  return { ENOENT: 'the file does not exist', EACCES: 'you have no permission' }[code] ?? code
}
