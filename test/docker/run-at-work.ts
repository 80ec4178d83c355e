// A run in a container with a step of ten minutes.
import { finished, makeRepository } from '../main-job/glovebox.ts'
import type { Bench, Finished } from '../main-job/glovebox.ts'
import { eventually } from '../sandbox/boxes.ts'
import { sandboxSection } from '../sandbox-kinds.ts'
import { makeDataFolder } from '../data-folder.ts'

export async function runAtWork(bench: Bench, image: string, socket: string): Promise<{ finished: Promise<Finished> }> {
  const configuration = `kind: docker\nimage: ${image}\nsocket: ${socket}\n`
  await makeDataFolder(bench.data, sandboxSection({ kind: 'docker', configuration }))
  const repository = await makeRepository(bench.folder, 'project', { 'README.md': 'hello\n' })
  const child = bench.start('run', '--repo', repository, '--json', '--', 'sh', '-c', 'echo at work; sleep 600')
  let progress = ''
  child.stderr?.on('data', (text: string) => (progress += text))
  const ended = finished(child)
  await eventually(() => progress.includes(': command'), 'the step', 60_000)
  // An object, so that awaiting this function does not await the run.
  return { finished: ended }
}
