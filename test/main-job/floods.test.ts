// Hostile commands that try to exhaust the machine. Their resources are bounded, and the run ends with the name of the
// limit.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LIMITS_ARE_NAMED } from '../machine.ts'
import type { Bench } from './glovebox.ts'
import { makeRepository, openBench } from './glovebox.ts'

const task = (name: string, limits: string, script: string) =>
  `name: ${name}\ndescription: Too much\nmode: read-only\nlimits: { wall-minutes: 1, ${limits} }\nsteps:\n  - run: |\n${script
    .split('\n')
    .map((line) => `      ${line}\n`)
    .join('')}`

const REQUESTS = `python3 - <<'END'
import socket
request = b'GET http://example.com/ HTTP/1.1\\r\\nHost: example.com\\r\\nConnection: close\\r\\n\\r\\n'
while True:
    try:
        s = socket.socket(socket.AF_UNIX)
        s.connect('/run/glovebox/gateway.sock')
        s.sendall(request)
        while s.recv(65536): pass
    except OSError: pass
END`
const REMOVED_FILES = `python3 - <<'END'
import os, time
held = []
for at in range(8):
    held.append(os.open('/workspace/held', os.O_CREAT | os.O_RDWR))
    os.posix_fallocate(held[-1], 0, 12 * 1024 ** 2)
    os.unlink('/workspace/held')
time.sleep(50)
END`
const PROCESSES =
  'i=0; while :; do /bin/true "$(head -c 100000 /dev/zero | tr "\\\\0" $i)"; i=$(( (i + 1) % 10 )); done'

let bench: Bench
let repository: string
beforeAll(async () => {
  bench = await openBench()
  repository = await makeRepository(bench.folder, 'project', {
    'README.md': 'hello\n',
    '.glovebox/tasks/requests.yaml': task('requests', 'record: 512 KiB', REQUESTS),
    '.glovebox/tasks/processes.yaml': task('processes', 'record: 512 KiB', PROCESSES),
    '.glovebox/tasks/removed-files.yaml': task('removed-files', 'workspace: 32 MiB', REMOVED_FILES),
  })
})
afterAll(() => bench[Symbol.asyncDispose]())

test.each([
  ['requests', 'record limit 524288 bytes'],
  ['processes', 'record limit 524288 bytes'],
  ...(LIMITS_ARE_NAMED ? [['removed-files', 'workspace limit 32 MiB']] : []),
])('a flood of %s ends the run with its reason', async (name, reason) => {
  const { stdout, stderr, code } = await bench.glovebox('run', name, '--repo', repository, '--json')
  if (stdout === '') throw new Error(stderr)
  const { run } = JSON.parse(stdout) as { run: { id: string; status: string; reason: string } }
  expect([run.status, run.reason, code]).toEqual(['failed', reason, 1])
  const { stdout: end } = await bench.glovebox('trace', run.id, '--json', '--kind', 'sandbox.ended')
  expect(end).not.toBe('')
})
