// What earlier steps left, put into a prompt. It was written inside: data, and fenced as such.
import { fillUntrusted } from '../domain/plan-steps.ts'
import type { Task } from '../domain/task.ts'
import type { Guest } from '../sandbox/types.ts'
import { REPOSITORY_PATH } from './environment.ts'

const MAX_BYTES = 128 * 1024
const CUT = '\n[… cut here: the file is longer]'

export async function fillArtifacts(prompt: string, task: Task, guest: Guest): Promise<string> {
  const wanted = task.artifacts.filter(({ name }) => prompt.includes(`artifacts.${name}`))
  const values: Record<string, string> = {}
  for (const { name, path } of wanted) {
    values[name] = await read(guest, path.startsWith('/') ? path : `${REPOSITORY_PATH}/${path}`)
  }
  return fillUntrusted(prompt, 'artifacts', values)
}

async function read(guest: Guest, path: string): Promise<string> {
  const bytes = await guest.readFile(path, 64 * 1024 * 1024)
  if (bytes === null) return '(no such file)'
  const text = new TextDecoder().decode(bytes.subarray(0, MAX_BYTES))
  return bytes.length > MAX_BYTES ? text + CUT : text
}
