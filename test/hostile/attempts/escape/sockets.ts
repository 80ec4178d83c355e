// Attempts to reach a process of the host through sockets and shared memory.
import { execFile } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import type { Attempt, AttemptGround } from '../../attempt.ts'
import { PROGRAMS } from '../../build-programs.ts'
import { expectRefused, refused } from '../../expectations.ts'

const run = promisify(execFile)
const SOCKETS = join(PROGRAMS, 'sockets')

const PLACES = [
  '/var/run/docker.sock',
  '/run/docker.sock',
  '/run/podman/podman.sock',
  '/run/containerd/containerd.sock',
  '/run/dbus/system_bus_socket',
  '/run/systemd/private',
  '/run/systemd/journal/stdout',
  '/dev/log',
  '/tmp/.X11-unix/X0',
  '/run/user/0/bus',
  '/run/glovebox/api.sock',
]

/** A daemon on the host that would obey. */
function listenAt(path: (ground: AttemptGround) => string): Pick<Attempt, 'before' | 'verify'> & { dialled(): number } {
  let connections = 0
  return {
    dialled: () => connections,
    async before(ground, cleanup) {
      const server = createServer((socket) => {
        connections++
        socket.destroy()
      })
      await new Promise<void>((resolve) => server.listen(path(ground), resolve))
      cleanup.defer(() => new Promise<void>((resolve) => server.close(() => resolve())))
    },
    verify: () => {},
  }
}

function pathSocket(): Attempt {
  const trap = listenAt(({ folder }) => join(folder, 'docker.sock'))
  return {
    id: 'path-socket',
    group: 'escape',
    tries: 'connect to a nearby Docker socket and to the usual daemons',
    wall: 'mount namespace',
    invariant: 2,
    script: `/opt/hostile/reach dial "$HOST_FOLDER/docker.sock" "$HOST_DATA/server.sock" ${PLACES.join(' ')}`,
    before: trap.before!,
    verify(outcome, { folder, data }) {
      const tried = [join(folder, 'docker.sock'), join(data, 'server.sock'), ...PLACES]
      expectRefused(outcome, tried)
      expect(trap.dialled()).toBe(0)
      const recorded = outcome.of('net.attempted').filter(({ body }) => body.family === 'unix')
      expect(recorded.map(({ body }) => body.address)).toEqual(expect.arrayContaining(tried))
    },
  }
}

function abstractSocket(): Attempt {
  const name = `glovebox-hostile-${process.pid}`
  const trap = listenAt(() => `\0${name}`)
  return {
    id: 'abstract-socket',
    group: 'escape',
    tries: 'connect to an abstract unix socket of the host',
    wall: 'network namespace',
    invariant: 2,
    script: `/opt/hostile/reach dial @${name} @/tmp/.X11-unix/X0 @/containerd-shim/x.sock; cat /proc/net/unix`,
    before: trap.before!,
    verify(outcome) {
      expectRefused(outcome, [`@${name}`, '@/tmp/.X11-unix/X0', '@/containerd-shim/x.sock'])
      expect(trap.dialled()).toBe(0)
      expect(outcome.stdout).not.toMatch(/0 @glovebox|docker|dbus|systemd/)
      const recorded = outcome.of('net.attempted').map(({ body }) => body.address)
      expect(recorded).toContain(`\0${name}`)
    },
  }
}

function sharedMemory(): Attempt {
  const attempt = refused({
    id: 'shared-memory',
    group: 'escape',
    tries: 'share System V or POSIX memory, queues and semaphores with the host',
    wall: 'IPC and mount namespaces',
    invariant: 2,
    run: 'sockets shared-memory',
    names: [
      'other segments',
      "the host's segment by key",
      "the host's queue by key",
      "the host's semaphore by key",
      "the host's /dev/shm",
      "the host's message queue",
    ],
  })
  return {
    ...attempt,
    async before(_, cleanup) {
      cleanup.defer(async () => void (await run(SOCKETS, ['remove-planted'])))
      expect((await run(SOCKETS, ['plant'])).stdout).toBe('1\n')
    },
  }
}

export const SOCKET_ATTEMPTS: readonly Attempt[] = [
  pathSocket(),
  abstractSocket(),
  refused({
    id: 'socket-families',
    group: 'escape',
    tries: 'open vsock, raw, packet and all other kinds of sockets',
    wall: 'system call filter',
    invariant: 2,
    run: 'sockets families',
    names: ['other families', 'vsock', 'packet', 'old packet', 'raw icmp', 'raw ip', 'raw icmp6', 'ping', 'alg'],
  }),
  refused({
    id: 'netlink',
    group: 'escape',
    tries: 'use netlink: other protocols, new links, routes and addresses',
    wall: 'system call filter, no capabilities',
    invariant: 2,
    run: 'sockets netlink',
    names: ['other protocols', 'link down', 'new link', 'new route', 'new address'],
  }),
  sharedMemory(),
  refused({
    id: 'inherited-descriptors',
    group: 'escape',
    tries: 'use a descriptor that Glovebox or bubblewrap left open',
    wall: 'the guest closes all descriptors but three',
    invariant: 2,
    run: 'sockets descriptors',
    names: [
      'inherited descriptors',
      'a standard input',
      'read of standard output',
      'read of standard error',
      'receive on standard output',
    ],
  }),
  {
    id: 'second-guest',
    group: 'escape',
    tries: 'connect to the link as a second guest and forge its messages',
    wall: 'the listener closes after one connection',
    invariant: 7,
    script: '/opt/hostile/reach dial /run/glovebox/link.sock; /opt/hostile/reach write /run/glovebox/link.sock',
    verify(outcome) {
      expectRefused(outcome, ['/run/glovebox/link.sock', '/run/glovebox/link.sock'])
      expect(outcome.of('net.attempted').map(({ body }) => body.address)).toContain('/run/glovebox/link.sock')
    },
  },
]
