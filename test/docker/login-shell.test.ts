// A login shell reads the image's /etc/profile, which sets PATH anew. Codex starts one for each command.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeRepository, openBench } from '../main-job/glovebox.ts'
import { sandboxSection } from '../sandbox-kinds.ts'
import { ENGINE, theEngine } from './docker-bench.ts'

test.runIf(ENGINE)('a login shell finds what Glovebox brings before what the image has', async () => {
  const { socket, image } = theEngine()
  await using bench = await openBench()
  await mkdir(bench.data, { mode: 0o700 })
  const configuration = `kind: docker\nimage: ${image}\nsocket: ${socket}\n`
  await writeFile(join(bench.data, 'glovebox.yaml'), sandboxSection({ kind: 'docker', configuration }), { mode: 0o600 })
  const repository = await makeRepository(bench.folder, 'project', { 'README.md': 'hello\n' })
  const look = 'echo "$PATH"; command -v node; command -v npm'
  const script = `${look}; bash -lc '${look}'`
  const run = await bench.glovebox('run', '--repo', repository, '--', 'sh', '-c', script)
  expect(run, run.stderr).toMatchObject({ code: 0 })
  const { stdout } = await bench.glovebox('output', 'latest', 'command')
  const [path, node, npm, loginPath, loginNode, loginNpm] = stdout.split('\n')
  expect(node).toMatch(/^\/opt\/glovebox\//)
  expect([loginNode, loginNpm]).toEqual([node, npm])
  expect(loginPath?.startsWith(`${path}:`)).toBe(true)
})
