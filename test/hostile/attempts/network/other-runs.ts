// Attempts on a concurrent run of the same machine: its gateway, its repository, its identity.
import { expect } from 'vitest'
import type { Attempt, OtherRun } from '../../attempt.ts'
import { gitScript, told, wireScript } from '../../inside-python.ts'
import { expectNothingPushed } from '../git/pushes.ts'

const others = new Map<string, OtherRun>()

/** The other run, which lives until the attempt is over. */
const WAITING =
  'echo mine > mine.txt; git add -A; git commit -q -m mine; git push -q origin HEAD:refs/heads/glovebox-change; exec sleep 600'

function beside(attempt: Omit<Attempt, 'group' | 'before' | 'verify'> & Pick<Attempt, 'verify'>): Attempt {
  return {
    ...attempt,
    group: 'network',
    async before(ground, cleanup) {
      others.set(ground.folder, await ground.otherRun(WAITING))
      // If the attempt itself fails, `verify` does not reach this.
      cleanup.defer(async () => void (await others.get(ground.folder)?.cancel()))
    },
    async verify(outcome, ground) {
      const other = await others.get(ground.folder)?.cancel()
      others.delete(ground.folder)
      expect(other?.run.status).toBe('cancelled')
      // Its record has its own actions and nothing else.
      expect(other?.of('net.requested').filter(({ body }) => !body.decision.allowed)).toEqual([])
      expect(other?.of('git.pushed').length).toBeLessThanOrEqual(1)
      await attempt.verify(outcome, ground)
    },
  }
}

export const OTHER_RUNS: readonly Attempt[] = [
  beside({
    id: 'other-run-socket',
    tries: 'find another run’s gateway socket: by path, in /proc, among abstract sockets, on loopback',
    wall: 'mount, pid and network namespaces; each run has its own folder',
    invariant: 11,
    script: wireScript(String.raw`
data = os.environ['HOST_DATA']
for place in [data, data + '/sandboxes', '/proc/1/root' + data, '/proc/self/root' + data, '/var/lib/glovebox', '/tmp/..' + data]:
    attempt('list ' + place, lambda: os.listdir(place))
def unix(path):
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(path)
    return 'connected'
for path in [data + '/server.sock', data + '/sandboxes/x/gateway.sock', '\0glovebox', '\0gateway', '/run/docker.sock', '/var/run/docker.sock']:
    attempt('unix ' + path, lambda: unix(path))
listening = [line.split() for table in ['tcp', 'tcp6'] for line in open('/proc/net/' + table).read().splitlines()[1:]]
tell('ports', str(sorted({int(fields[1].rsplit(':', 1)[1], 16) for fields in listening if fields[3] == '0A'})))
tell('abstract', str([line.split()[-1] for line in open('/proc/net/unix').read().splitlines()[1:] if '@' in line]))
tell('processes', str([name for name in os.listdir('/proc') if name.isdigit() and open(f'/proc/{name}/cmdline', 'rb').read().startswith(b'sleep')]))`),
    verify(outcome) {
      const answers = new Map(told(outcome).map(({ label, text }) => [label, text]))
      expect(answers.get('ports')).toBe('[8118]')
      expect(answers.get('abstract')).toBe('[]')
      expect(answers.get('processes')).toBe('[]')
      for (const [label, text] of answers)
        if (/^(list|unix)/.test(label)) expect([label, text]).toEqual([label, expect.stringMatching(/Error/)])
    },
  }),
  beside({
    id: 'other-run-repository',
    tries: "read and write another run's repository and branch through its own gateway, by path, name, id and headers",
    wall: 'each gateway serves one run; no request can name another',
    invariant: 11,
    mode: 'write',
    script: gitScript(String.raw`
OTHER = f'refs/heads/glovebox/{TASK}-other/change'
for headers in ['X-Glovebox-Run: 1m88\r\n', 'Authorization: Basic cnVuOng=\r\n', 'Cookie: run=1\r\n', 'X-Forwarded-For: 127.0.0.1\r\n', 'Git-Protocol: version=2:run=x\r\n']:
    attempt(headers.strip(), lambda: push([(ZERO, BASE, OTHER)], headers=headers))
attempt('with the own', lambda: push([(ZERO, BASE, OWN), (ZERO, BASE, OTHER)]))
refs = git('ls-remote', 'origin')
tell('refs', refs)
print(git('push', 'origin', f'HEAD:{OTHER}', check=False))`),
    verify(outcome) {
      expect(told(outcome).find(({ label }) => label === 'refs')?.text).not.toContain('glovebox')
      expectNothingPushed(outcome, 7, /may push only|another ref/)
    },
  }),
]
