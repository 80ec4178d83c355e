// Limits on resources that no cgroup counts, in real sandboxes, two of them side by side. All sizes are scaled down:
// the tests prove that a small share holds, not that the machine would have run out.
import { once } from 'node:events'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { removeTree } from '../../src/sandbox/on-host/remove-tree.ts'
import type { SandboxLimits, SandboxSpec } from '../../src/sandbox/types.ts'
import { ENGINE, theEngine } from '../docker/docker-bench.ts'
import { openEngineSocket } from '../docker/engine-socket.ts'
import { IS_ROOT } from '../machine.ts'
import { LIMITS, openBench as openBenchOf, workspaceFile } from './boxes.ts'
import type { Held } from './hold.ts'
import { as, holdScript } from './hold.ts'
import { makers } from './makers.ts'

const MIB = 1024 ** 2
/** Memory of a sandbox, of which socket buffers get an eighth. */
const SMALL: SandboxLimits = { ...LIMITS, memoryBytes: 64 * MIB }

/** A line of the guest's script that runs a Python program. */
function python(program: string): string {
  return `python3 - <<'END'\n${program}\nEND`
}

const NETLINK = python(`
import socket, time
kept = []
ask = b"\\x20\\0\\0\\0\\x12\\0\\x01\\0\\x01\\0\\0\\0\\0\\0\\0\\0" + b"\\0" * 4 + b"\\x01\\0\\0\\0" + b"\\0" * 8
for _ in range(100):
    kept.append(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0))
    for _ in range(40): kept[-1].send(ask)
time.sleep(60)`)

/** Makes a script wait for the limits: steps start after the sandbox, but these scripts start with it. */
const ONCE_STARTED = 'while not os.path.exists("/workspace/started"): time.sleep(0.01)'

function start(spec: SandboxSpec): void {
  writeFileSync(join(spec.directory, 'workspace/started'), '')
}

const DATAGRAMS = python(`
import os, socket, time
kept = []
${ONCE_STARTED}
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(150):
    kept.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    kept[-1].bind(("127.0.0.1", 0))
    for _ in range(3): sender.sendto(b"x" * 50000, kept[-1].getsockname())
waiting = sum(int(line.split()[4].split(":")[1], 16) for line in open("/proc/net/udp").read().splitlines()[1:])
open("/workspace/waiting", "w").write(str(waiting))
time.sleep(60)`)

const TERMINALS = python(`
import os, time
kept = []
${ONCE_STARTED}
try:
    while len(kept) < 200: kept.append(os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY))
except OSError: pass
open("/workspace/terminals", "w").write(str(len(kept)))
time.sleep(60)`)

const EXCHANGE = python(`
import os, socket
os.close(os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY))
a, b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
b.bind(("127.0.0.1", 0))
for _ in range(200):
    a.sendto(b"x" * 5000, b.getsockname())
    assert len(b.recv(9000)) == 5000
socket.if_nameindex()
open("/workspace/exchanged", "w").write("yes")`)

describe.each(await makers())('$kind', ({ kind, make }) => {
  const openBench = (script: string, options = {}) => openBenchOf(script, options, make)

  /** Checks that another sandbox, started while the first uses most resources, can work. */
  async function neighbourWorks(): Promise<void> {
    await using bench = await openBench(`${EXCHANGE}\nsleep 60`)
    const spec = await bench.spec()
    await bench.start(spec)
    expect(await workspaceFile(spec, 'exchanged')).toBe('yes')
  }

  test('ends a sandbox with too many unread netlink answers and names the limit', async () => {
    await using bench = await openBench(NETLINK)
    const sandbox = await bench.start({ limits: SMALL })
    await neighbourWorks()
    await sandbox.exited
    expect(await sandbox.limitsHit()).toEqual(['socket buffer limit 8 MiB'])
  })

  test('keeps unread datagrams within the share, whatever counts them', async () => {
    await using bench = await openBench(DATAGRAMS)
    const spec = await bench.spec({ limits: SMALL })
    const sandbox = await bench.start(spec)
    const counted = (await sandbox.limitsInForce)['socket buffers']
    expect(counted).toMatch(/(^|, )watched 8388608 bytes$/)
    start(spec)
    if (counted?.startsWith('cgroup-v1')) {
      expect(Number(await workspaceFile(spec, 'waiting'))).toBeLessThan(9 * MIB)
      await neighbourWorks()
    } else {
      await sandbox.exited
      expect(await sandbox.limitsHit()).toEqual(['socket buffer limit 8 MiB'])
    }
  })

  test.runIf(kind === 'bubblewrap')('keeps unread datagrams within the share without a cgroup', async () => {
    await using bench = await openBench(DATAGRAMS, { cgroups: 'off' })
    const spec = await bench.spec({ limits: SMALL })
    const sandbox = await bench.start(spec)
    expect((await sandbox.limitsInForce)['socket buffers']).toBe('watched 8388608 bytes')
    start(spec)
    await sandbox.exited
    expect(await sandbox.limitsHit()).toEqual(['socket buffer limit 8 MiB'])
  })

  test('a sandbox gets no more than its own number of terminals', async () => {
    await using bench = await openBench(TERMINALS)
    const spec = await bench.spec()
    const sandbox = await bench.start(spec)
    expect((await sandbox.limitsInForce)['terminals']).toBe('devpts 64 terminals')
    start(spec)
    expect(await workspaceFile(spec, 'terminals')).toBe('64')
    await neighbourWorks()
  })
})

const HIDING: Readonly<Record<string, string>> = {
  'files in a folder that is closed to its owner':
    'mkdir h; chmod 300 h; for i in 1 2 3 4 5; do head -c 16000000 /dev/urandom > h/f$i; done; sleep 60',
  'files that are removed and mapped': python(`
import mmap, os, time
kept = []
for _ in range(5):
    with open("m", "w+b") as file:
        for _ in range(16): file.write(os.urandom(1000000))
        file.flush()
        kept.append(mmap.mmap(file.fileno(), 4096, prot=mmap.PROT_READ))
    os.unlink("m")
time.sleep(60)`),
  'files that are removed and executed':
    'for i in 1 2 3 4 5; do cp /bin/sleep p$i; head -c 16000000 /dev/urandom >> p$i; ./p$i 60 & sleep 0.3; rm p$i; done; sleep 60',
}

async function expectNamed(held: Held): Promise<void> {
  try {
    expect(await held.hits).toEqual(['workspace limit 64 MiB'])
  } finally {
    held.child.kill('SIGKILL')
    await once(held.child, 'exit')
    await removeTree(held.folder)
  }
}

describe.runIf(IS_ROOT)('without root', () => {
  test.each(Object.entries(HIDING))('%s count', async (_, script) => {
    await expectNamed(await holdScript(script, as(825_021), {}))
  })

  test.runIf(ENGINE).each(Object.entries(HIDING))('in a container, %s count', async (_, script) => {
    const { socket, image } = theEngine()
    await using front = await openEngineSocket(socket)
    chmodSync(front.path, 0o666)
    await expectNamed(await holdScript(script, as(825_022), { docker: { image, socket: front.path } }))
  })

  test('a sandbox gets a share of the account’s file watches, and coverage says so', async () => {
    const script = python(`
import ctypes, os, time
libc = ctypes.CDLL(None)
count = 0
${ONCE_STARTED}
while count < 5000 and libc.inotify_init() >= 0: count += 1
open("/workspace/watches", "w").write(str(count))
time.sleep(60)`)
    const held = await holdScript(script, as(825_023), {})
    try {
      const most = Number(readFileSync('/proc/sys/user/max_inotify_instances', 'utf8'))
      const share = Math.floor(most / 4)
      expect(held.limitsInForce['file watches']).toBe(`user namespace ${share} inotify instances of the account`)
      const directory = `${held.root}/${held.run}`
      writeFileSync(join(directory, 'workspace/started'), '')
      expect(await workspaceFile({ directory }, 'watches')).toBe(String(share))
    } finally {
      held.child.kill('SIGKILL')
      await once(held.child, 'exit')
      await removeTree(held.folder)
    }
  })
})
