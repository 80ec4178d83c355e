// Real processes with real files and sockets. Only the sizes of the machine's pools are invented, so that the tests do
// not use up the machine's own.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { readSetting } from './read-setting.ts'
import { hasTooMuch, runsShort, watchPools } from './watch-pools.ts'

const MIB = 1024 ** 2
const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

async function holder(argv: readonly string[]): Promise<number> {
  const [command = '', ...args] = argv
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  await once(child.stdout, 'data')
  return child.pid!
}

const PERL_FILES = (count: number) =>
  holder([
    'perl',
    '-e',
    `$| = 1; for (1..${count}) { pipe my $r, my $w or last; push @k, $r, $w } print "held"; sleep 60`,
  ])

interface Given {
  pids: readonly number[]
  guest?: number | null
  socketBytes?: number
  made: Readonly<Record<string, string>>
}

/** The first limit that is hit, or null after a second without one. */
async function watched({ pids, guest = null, socketBytes = MIB, made }: Given): Promise<string | null> {
  const over = new AbortController()
  const hit = Promise.withResolvers<string>()
  const read = (path: string) => made[path] ?? readSetting(path)
  const options = { guest, processes: () => pids, socketBytes, onHit: hit.resolve, signal: over.signal, read }
  void watchPools(options)
  const limit = await Promise.race([hit.promise, sleep(1000, null)])
  over.abort()
  return limit
}

describe('a share of a pool', () => {
  test('is at most what is left for all others, so that some always is left', () => {
    expect(hasTooMuch(500, { used: 500, most: 1000 })).toBe(false)
    expect(hasTooMuch(501, { used: 501, most: 1000 })).toBe(true)
    expect(hasTooMuch(334, { used: 668, most: 1000 })).toBe(true)
    expect(runsShort({ used: 500, most: 1000 })).toBe(false)
  })

  test('is never exceeded by a run that has little, whoever used up the rest', () => {
    expect(hasTooMuch(15, { used: 1000, most: 1000 })).toBe(false)
    expect(hasTooMuch(16, { used: 1000, most: 1000 })).toBe(true)
  })

  test('is never exceeded where the kernel has no bound', () => {
    expect(runsShort({ used: 1e6, most: Number.MAX_SAFE_INTEGER })).toBe(false)
  })
})

describe('open files', () => {
  test('ends a run with more open files than the machine has left, but not the run beside it', async () => {
    const [greedy, modest] = [await PERL_FILES(350), await PERL_FILES(1)]
    const made = { '/proc/sys/fs/file-nr': '900\t0\t1000' }
    expect(await watched({ pids: [greedy], made })).toBe(
      'open files limit: 900 of the 1000 files that this machine can have were open, too many of them by this run',
    )
    expect(await watched({ pids: [modest], made })).toBeNull()
    expect(await watched({ pids: [greedy], made: { '/proc/sys/fs/file-nr': '900\t0\t1000000' } })).toBeNull()
  })

  test('counts files that are only mapped', async () => {
    const script =
      'import mmap,time\nk=[]\nfor i in range(2000):\n f=open("/usr/bin/env","rb"); k.append(mmap.mmap(f.fileno(),1,prot=mmap.PROT_READ)); f.close()\nimport os\nfor i in os.listdir("/proc/self/fd"):\n if int(i)>2: \n  try: os.close(int(i))\n  except OSError: pass\nprint("held",flush=True)\ntime.sleep(60)'
    const pid = await holder(['python3', '-c', script])
    expect(await watched({ pids: [pid], made: { '/proc/sys/fs/file-nr': '4000\t0\t5000' } })).toMatch(
      /^open files limit/,
    )
  })
})

describe('sockets of a network namespace of its own', () => {
  const inNamespace = (script: string) => holder(['unshare', '-Urn', 'python3', '-c', script])
  // SIOCSIFFLAGS with IFF_UP: the loopback interface of a new namespace is down.
  const prelude =
    'import fcntl,socket,struct,time\nk=[]\nfcntl.ioctl(socket.socket(),0x8914,struct.pack("16sh22x",b"lo",1))\n'
  const epilogue = '\nprint("held",flush=True)\ntime.sleep(60)'
  const usual = { '/proc/sys/fs/file-nr': '1\t0\t1000000' }

  test('counts netlink answers that nobody reads', async () => {
    const ask =
      'm=b"\\x20\\0\\0\\0\\x12\\0\\x01\\0\\x01\\0\\0\\0\\0\\0\\0\\0"+b"\\0"*4+b"\\x01\\0\\0\\0"+b"\\0"*8\nfor i in range(20):\n s=socket.socket(socket.AF_NETLINK,socket.SOCK_RAW,0); k.append(s)\n for j in range(40): s.send(m)'
    const pid = await inNamespace(prelude + ask + epilogue)
    expect(await watched({ pids: [pid], guest: pid, made: usual })).toBe('socket buffer limit 1 MiB')
    expect(await watched({ pids: [pid], guest: pid, socketBytes: 64 * MIB, made: usual })).toBeNull()
  })

  test('counts datagrams that nobody reads', async () => {
    const send =
      'a=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\nfor i in range(20):\n s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.bind(("127.0.0.1",0)); k.append(s)\n for j in range(3): a.sendto(b"x"*50000,s.getsockname())'
    const pid = await inNamespace(prelude + send + epilogue)
    expect(await watched({ pids: [pid], guest: pid, made: usual })).toBe('socket buffer limit 1 MiB')
  })

  test('applies the same rule to closed connections with unsent data', async () => {
    const leave =
      'l=socket.socket(); l.setsockopt(socket.SOL_SOCKET,socket.SO_RCVBUF,1); l.bind(("127.0.0.1",0)); l.listen(50)\nfor i in range(12):\n c=socket.socket(); c.connect(l.getsockname()); k.append(l.accept()[0]); c.setblocking(False)\n try:\n  while True: c.send(b"x"*100000)\n except BlockingIOError: pass\n c.close()'
    const pid = await inNamespace(prelude + leave + epilogue)
    const made = { ...usual, '/proc/sys/net/ipv4/tcp_max_orphans': '16' }
    const limit = await watched({ pids: [pid], guest: pid, socketBytes: 1024 * MIB, made })
    expect(limit).toMatch(/^connection limit: \d+ of the 16 closed connections/)
    const plenty = { ...usual, '/proc/sys/net/ipv4/tcp_max_orphans': '100000' }
    expect(await watched({ pids: [pid], guest: pid, socketBytes: 1024 * MIB, made: plenty })).toBeNull()
  })
})
