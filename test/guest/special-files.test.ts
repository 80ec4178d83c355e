// Terminals, pipes and files of /proc, which the guest opens in the place of a process, too: the process gets what the kernel
// would give it, and no more.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BINARIES, buildGuest } from './build-guest.ts'
import { files, text } from './read-reports.ts'
import { run, sh, startGuest } from './start-guest.ts'
import type { GuestUnderTest, Ran } from './start-guest.ts'

const PEOPLE_OF_PROC = `
import ctypes, os, sys
libc = ctypes.CDLL(None)
def says(path, flags=os.O_RDONLY):
    try:
        fd = os.open(path, flags | os.O_NONBLOCK)
        try: got = len(os.read(fd, 100)) > 0
        except OSError as e: got = e.strerror
        name = os.readlink(f'/proc/self/fd/{fd}')
        os.close(fd)
        return f'opened {got} {"" if any(c.isdigit() for c in name) else name}'
    except OSError as e: return e.strerror
NAMES = ['stat', 'status', 'cmdline', 'comm', 'environ', 'maps', 'smaps', 'auxv', 'limits', 'io', 'mountinfo', 'cgroup', 'personality',
  'fd', 'fdinfo', 'fd/0', 'fd/3', 'fd/99', 'fdinfo/0', 'cwd', 'root', 'exe', 'root/usr/bin/env', 'cwd/secret', 'task', 'ns/net', 'nothing',
  'oom_score_adj', 'timerslack_ns', 'net/tcp', 'map_files', 'wchan', 'sched', 'attr/current', 'syscall', 'stack', 'pagemap', 'clear_refs']
def child(hides):
    started, ready = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.open('/workspace/secret', os.O_RDONLY)
        if hides: libc.prctl(4, 0)
        os.write(ready, b'x')
        while True: os.read(os.pipe()[0], 1)
    os.read(started, 1)
    return pid
other, hidden = child(False), child(True)
for who, of in (('itself', 'self'), ('its thread', 'thread-self'), ('the guest', 1), ('another', other), ('one that hides', hidden)):
    for name in NAMES:
        if who == 'the guest' and name in ('net/tcp', 'fd/99', 'timerslack_ns', 'attr/current'): continue # refused, which is all that differs
        if of == 'thread-self' and name == 'task': continue
        print(who, name, says(f'/proc/{of}/{name}'))
    for name in ('comm', 'oom_score_adj', 'stat', 'clear_refs', 'coredump_filter'): print(who, 'writing', name, says(f'/proc/{of}/{name}', os.O_RDWR))
for name in ('meminfo', 'sys/kernel/hostname', 'sys/kernel/pid_max', 'net/dev', 'mounts', 'self', 'kcore', 'kmsg', 'sysrq-trigger', 'loadavg'): print(name, says(f'/proc/{name}'), says(f'/proc/{name}', os.O_WRONLY))
libc.prctl(4, 0)
for name in ('status', 'exe', 'cwd/secret', 'root/usr/bin/env', 'maps', 'fd/0', 'comm', 'environ'): print('hiding itself', name, says(f'/proc/self/{name}'))
for pid in (other, hidden): os.kill(pid, 9)
`

beforeAll(buildGuest, 300_000)

describe.each(BINARIES)('%s: special files', (binary) => {
  let box: GuestUnderTest
  beforeAll(async () => {
    box = await startGuest({ binary })
    await sh(box.guest, 'echo secret > secret')
  })
  afterAll(async () => {
    expect(await box.guest.coverage()).toMatchObject({ dropped: 0 })
    await box[Symbol.asyncDispose]()
    expect(box.complaints()).toBe('')
  })

  function python(script: string, options: { record?: boolean; step?: number } = {}): Promise<Ran> {
    return run(box.guest, ['/usr/bin/python3', '-c', script], options)
  }

  test('files of /proc are opened as the kernel would for that process', async () => {
    const recorded = await python(PEOPLE_OF_PROC)
    const bare = await python(PEOPLE_OF_PROC, { record: false })
    expect(bare.stdout).toMatch(/^another environ opened True/m)
    expect(bare.stdout).toMatch(/^one that hides environ Permission denied/m)
    expect(bare.stdout).toMatch(/^the guest maps Permission denied/m)
    expect(recorded.stdout.split('\n')).toEqual(bare.stdout.split('\n'))
    expect(recorded.stderr).toBe('')
  })

  test("another process's memory can't be opened", async () => {
    const { stdout } = await sh(
      box.guest,
      'sleep 100 & for how in "<" "<>"; do sh -c "exec 3$how/proc/$!/mem" 2>/dev/null || echo refused; sh -c "exec 3$how/proc/1/mem" 2>/dev/null || echo refused; done; kill $!',
    )
    expect(stdout).toBe('refused\n'.repeat(4))
  })

  test('a process reaches its own terminal by /dev/tty, and nobody else has one', async () => {
    const script = `
import os, pty
pid, fd = pty.fork()
if pid == 0:
    own = os.open('/dev/tty', os.O_RDWR)
    os.write(own, b'by its terminal ' + os.ttyname(own).encode() + (b' same' if os.fstat(own).st_rdev == os.fstat(0).st_rdev else b' other'))
    os._exit(0)
print(os.read(fd, 100).decode())
os.waitpid(pid, 0)
try: os.open('/dev/tty', os.O_RDWR)
except OSError as e: print(e.strerror)
`
    const { stdout, reports } = await python(script)
    expect(stdout).toMatch(/^by its terminal \/dev\/pts\/\d+ same\nNo such device or address\n$/)
    const written = reports.flatMap((report) => (report.kind === 'file.accessed' ? report.written.map(text) : []))
    expect(written).toContain('/dev/tty')
  })

  test('a named pipe waits for its other end, whichever comes first', async () => {
    const { stdout, reports } = await sh(
      box.guest,
      'mkfifo p; (sleep 0.3; echo one > p) & cat p; (sleep 0.3; cat p) & echo two > p; wait; (sleep 0.3; cat < p) & exec 3> p; echo three >&3; exec 3>&-; wait',
    )
    expect(stdout).toBe('one\ntwo\nthree\n')
    expect(files(reports)).toMatchObject({
      read: Array(3).fill('/workspace/p'),
      written: Array(2).fill('/workspace/p'),
    })
    await sh(box.guest, 'rm p')
  })

  test('a signal gets to a process that waits for a named pipe: to end it, to be handled, to stop it', async () => {
    const script = `
import os, signal, subprocess, time
os.mkfifo('q')
def late(*_): raise TimeoutError('handled')
signal.signal(signal.SIGALRM, late)
signal.alarm(1)
try: open('q')
except TimeoutError as e: print(e)
waiting = subprocess.Popen(['cat', 'q'], stdout=subprocess.PIPE)
time.sleep(0.3)
waiting.send_signal(signal.SIGTERM)
print(waiting.wait())
waiting = subprocess.Popen(['cat', 'q'], stdout=subprocess.PIPE)
time.sleep(0.3)
waiting.send_signal(signal.SIGSTOP)
print(os.WIFSTOPPED(os.waitpid(waiting.pid, os.WUNTRACED)[1]))
waiting.send_signal(signal.SIGCONT)
time.sleep(0.2)
with open('q', 'w') as q: q.write('went on')
print(waiting.communicate()[0].decode())
`
    const { stdout, stderr } = await python(script)
    expect({ stdout, stderr }).toEqual({ stdout: 'handled\n-15\nTrue\nwent on\n', stderr: '' })
    await sh(box.guest, 'rm q')
  })

  test('a step ends although threads of it wait for named pipes, more than the guest waits for', async () => {
    const script = `
import os, threading, time
os.mkfifo('r')
refused = []
def wait():
    try: os.open('r', os.O_RDONLY)
    except OSError as e: refused.append(e.strerror)
for _ in range(300): threading.Thread(target=wait, daemon=True).start()
while len(refused) < 44: time.sleep(0.01)
time.sleep(0.2)
print(len(refused), set(refused), flush=True)
os._exit(0)
`
    expect((await python(script)).stdout).toBe("44 {'Too many open files in system'}\n")
    expect((await sh(box.guest, 'cat secret; rm r')).stdout).toBe('secret\n')
  })
})
