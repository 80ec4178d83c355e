import { chmodSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { identify, processesOfUid } from '../../src/sandbox/on-host/process-table.ts'
import { removeTree } from '../../src/sandbox/on-host/remove-tree.ts'
import { openBench, workspaceFile } from './boxes.ts'
import { makers } from './makers.ts'

describe.each(await makers())('$kind', ({ kind, make }) => {
  /** Runs the script as PID 1 and returns its output. */
  async function inside(script: string, changes = {}): Promise<string> {
    await using bench = await openBench(
      `exec >/workspace/out 2>&1\n${script}\necho end > /workspace/done\nsleep 60`,
      {},
      make,
    )
    const spec = await bench.spec(changes)
    const sandbox = await bench.provider.start(spec, new AbortController().signal)
    try {
      await workspaceFile(spec, 'done')
      return readFileSync(join(spec.directory, 'workspace/out'), 'utf8').trim()
    } finally {
      await sandbox.destroy()
    }
  }

  test.runIf(kind === 'bubblewrap')('shows only /usr and a few files of /etc of the host', async () => {
    const paths = [
      '/etc/shadow',
      '/etc/npmrc',
      '/etc/gitconfig',
      '/etc/resolv.conf',
      '/root',
      '/root/.ssh',
      '/home/glovebox/.ssh',
      '/var',
      '/var/run/docker.sock',
      '/run/docker.sock',
      '/run/systemd',
      '/run/dbus',
      '/sys',
      '/mnt',
      '/opt',
      '/srv',
      '/boot',
      '/old_root',
      '/media',
    ]
    expect(await inside(paths.map((path) => `test -e ${path} && echo ${path}`).join('\n') || 'true')).toBe('')
    expect(await inside('ls /')).toBe(
      ['bin', 'dev', 'etc', 'home', 'lib', 'lib32', 'lib64', 'libx32', 'proc', 'run', 'sbin', 'tmp', 'usr', 'workspace']
        .filter((name) => statSync(`/${name}`, { throwIfNoEntry: false }) || name === 'workspace')
        .join('\n'),
    )
    expect(await inside('ls -A /home /home/glovebox /usr/etc /usr/local/etc 2>/dev/null | grep -v :')).toBe('glovebox')
  })

  test.runIf(kind === 'docker')('covers files of an image that could stand for the host’s', async () => {
    const hidden = ['/root/.bashrc', '/home/leftover', '/sys/class', '/var/run/docker.sock', '/run/docker.sock']
    expect(await inside(hidden.map((path) => `test -e ${path} && echo ${path}`).join('\n'))).toBe('')
    expect(await inside('ls -A /home /sys; cat /etc/resolv.conf; test -r /etc/shadow && echo readable')).toBe(
      '/home:\nglovebox\n\n/sys:',
    )
  })

  test('has no network but lo, and no route', async () => {
    expect(await inside(`tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '`)).toBe('lo')
    expect(await inside('tail -n +2 /proc/net/route')).toBe('')
  })

  test('hides the kernel command line of the machine', async () => {
    expect(await inside('cat /proc/cmdline')).toBe('')
  })

  const added = kind === 'bubblewrap' ? 'PWD=/workspace' : 'HOME=/home/glovebox'

  test(`the environment is the given one, with ${added}`, async () => {
    const env = { PATH: '/usr/bin:/bin', ODD: 'a b"\'$(id)\n$HOME', EMPTY: '' }
    const text = await inside(`tr '\\0' '\\1' </proc/1/environ`, { env })
    expect(text.split('\u0001').filter(Boolean).toSorted()).toEqual(
      [...Object.entries(env).map(([name, value]) => `${name}=${value}`), added].toSorted(),
    )
  })

  // Codex starts a login shell for each command.
  test.each(['sh', 'bash'])('a login shell (%s) has the environment of any other', async (shell) => {
    const env = { PATH: '/opt/own/bin:/usr/bin:/bin', LANG: 'C.UTF-8' }
    const [other, login] = (await inside(`${shell} -c env; echo; ${shell} -lc env`, { env })).split('\n\n')
    expect(other?.split('\n')).toContain(`PATH=${env.PATH}`)
    expect(login).toBe(other)
  })

  test('only the workspace, home and scratch memory are writable', async () => {
    const folders = [
      '/',
      '/etc',
      '/usr',
      '/usr/bin',
      '/usr/etc',
      '/bin',
      '/dev',
      '/proc',
      '/home',
      '/run/glovebox',
      '/workspace',
      '/tmp',
      '/dev/shm',
      '/home/glovebox',
    ]
    const text = await inside(folders.map((folder) => `touch ${folder}/probe 2>/dev/null && echo ${folder}`).join('\n'))
    expect(text.split('\n')).toEqual(['/workspace', '/tmp', '/dev/shm', '/home/glovebox'])
  })

  test('steps can dial the sockets of the run but not replace them', async () => {
    const script = `
perl -MIO::Socket::UNIX -e 'for (@ARGV) { print IO::Socket::UNIX->new(Peer => "/run/glovebox/$_.sock") ? "ok\\n" : "$!\\n" }' link gateway
rm -f /run/glovebox/link.sock 2>/dev/null && echo removed
mv /run/glovebox /run/aside 2>/dev/null && echo moved
chmod 777 /run/glovebox/gateway.sock 2>/dev/null && echo changed`
    expect(await inside(script)).toBe('ok\nok')
  })

  test("has only the guest's tracing capability and can't gain privilege", async () => {
    const held = kind === 'bubblewrap' ? '0000000000080000' : '0000000000000000'
    const status = await inside('grep -E "^(Cap(Prm|Eff|Bnd)|NoNewPrivs)" /proc/1/status')
    expect(status.replaceAll('\t', ' ').split('\n')).toEqual([
      `CapPrm: ${held}`,
      `CapEff: ${held}`,
      `CapBnd: ${held}`,
      'NoNewPrivs: 1',
    ])
  })

  test('has the files and mounts of the spec read-only, and synthetic files that describe the machine', async () => {
    const source = mkdtempSync(join(tmpdir(), 'glovebox-mount-'))
    try {
      // The source lies below a folder that the sandbox's uid can't enter on the host.
      mkdirSync(join(source, 'locked/tool'), { recursive: true })
      writeFileSync(join(source, 'locked/tool/version'), '7')
      chmodSync(join(source, 'locked'), 0o700)
      const text = await inside(
        'cat /opt/tool/version /etc/motd; touch /opt/tool/x 2>/dev/null && echo written; echo x 2>/dev/null >/etc/motd && echo written; hostname; id -un; test $(id -u) != 0 && echo not root; getent hosts example.org',
        {
          readOnlyMounts: [{ source: join(source, 'locked/tool'), target: '/opt/tool' }],
          files: [{ target: '/etc/motd', content: ' hi\n' }],
        },
      )
      expect(text.split('\n')).toEqual(['7 hi', 'glovebox', 'glovebox', 'not root'])
    } finally {
      await removeTree(source)
    }
  })

  test('no file that Glovebox or its parent has open is open inside', async () => {
    // Without a pipe, because PID 1, the shell, would hold it for a moment.
    const open = await inside('for fd in /proc/1/fd/*; do readlink $fd; done')
    expect(open.split('\n').filter((path) => !path.startsWith('/workspace/'))).toEqual(
      expect.arrayContaining(['/dev/null']),
    )
    expect(
      open.split('\n').filter((path) => !['/dev/null', '/workspace/out', '/run/glovebox/guest'].includes(path)),
    ).toEqual([])
  })

  test('runs the tools that builds need', async () => {
    const script = `cd /tmp
for tool in git node npm python3 perl make gcc; do command -v $tool >/dev/null && { $tool --version >/dev/null || echo "$tool fails"; }; done
echo 'int main(void){return 0;}' > a.c && gcc a.c -o a && ./a || echo 'gcc fails'
git init -q r && cd r && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m x || echo 'git fails'
perl -MIO::Socket::INET -e 'exit !(IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1"))' || echo 'loopback fails'`
    expect(await inside(script)).toBe('')
  })

  test('on the host a sandbox never runs as root, owns its workspace and shares its uid with no other', async (ctx) => {
    await using bench = await openBench('sleep 60', {}, make)
    const [one, other] = [await bench.spec(), await bench.spec()]
    const first = await bench.start(one)
    const second = await bench.start(other)
    expect(first.hostUid).not.toBe(0)
    expect(statSync(join(one.directory, 'workspace')).uid).toBe(first.hostUid)
    expect(statSync(join(one.directory, 'workspace')).mode & 0o777).toBe(0o700)
    // Without root every sandbox has the account's own uid.
    if (process.getuid?.() !== 0) ctx.skip('only root can give each sandbox a uid of its own')
    expect(second.hostUid).not.toBe(first.hostUid)
    const guests = processesOfUid(first.hostUid)
    expect(guests.length).toBeGreaterThan(0)
    for (const { pid } of guests) {
      const ids = /^Uid:\s+(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]?.split(/\s+/)
      expect(new Set(ids)).toEqual(new Set([String(first.hostUid)]))
      expect(identify(pid)).not.toBeNull()
    }
  })

  test('works with a data folder below a folder that only root may enter', async () => {
    await using bench = await openBench('echo here > /workspace/done; sleep 60', {}, make)
    chmodSync(bench.folder, 0o700)
    const spec = await bench.spec({})
    const sandbox = await bench.provider.start(
      { ...spec, directory: join(bench.folder, 'below/deep', spec.run) },
      new AbortController().signal,
    )
    expect(await workspaceFile({ directory: join(bench.folder, 'below/deep', spec.run) }, 'done')).toBe('here\n')
    await sandbox.destroy()
  })
})
