// Attempts to get out without the gateway. They fail because there is no other interface, route or resolver.
import { createServer, type Server } from 'node:net'
import { expect } from 'vitest'
import type { Attempt, AttemptOutcome } from '../../attempt.ts'
import { told, wireScript } from '../../inside-python.ts'
import { expectOnlyGit, expectSoundRun } from './refused-requests.ts'

const wall = 'network namespace with loopback only'
const UNREACHABLE = /Errno (1|13|19|22|93|97|99|101|111|113)\]|gaierror|Temporary failure|not known/

/** Asserts that each try failed with an error of the kernel. */
function expectUnreachable(outcome: AttemptOutcome): void {
  for (const { label, text } of told(outcome))
    expect([label, text]).toEqual([label, expect.stringMatching(UNREACHABLE)])
  expectOnlyGit(outcome)
  expectSoundRun(outcome)
}

/** The kernel's own record of connects names the address. */
function expectAttempted(outcome: AttemptOutcome, ...addresses: string[]): void {
  const seen = outcome.of('net.attempted').map(({ body }) => `${String(body.address)}:${body.port}`)
  expect(seen).toEqual(expect.arrayContaining(addresses))
}

const TCP = String.raw`
def tcp(address, port, family=socket.AF_INET):
    sock = socket.socket(family)
    sock.settimeout(5)
    sock.connect((address, port))
    return 'connected'
def udp(address, port, family=socket.AF_INET, data=b'x'):
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.settimeout(5)
    sock.connect((address, port))
    sock.send(data)
    return sock.recv(100)
`

/** A DNS query for example.com. */
const QUERY = String.raw`QUERY = b'\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x07example\x03com\0\0\x01\0\x01'
`

const servers = new Map<string, Server>()

export const ROUTES: readonly Attempt[] = [
  {
    id: 'route-direct-ipv4',
    group: 'network',
    tries: 'connect to public, private and host addresses over IPv4 without the proxy',
    wall,
    invariant: 2,
    script: wireScript(`${TCP}
for address, port in [('1.1.1.1', 443), ('93.184.215.14', 80), ('10.0.0.1', 22), ('172.17.0.1', 2375), ('192.168.0.1', 80), ('100.64.0.1', 80), ('255.255.255.255', 9)]:
    attempt(address, lambda: tcp(address, port))`),
    verify(outcome) {
      expectUnreachable(outcome)
      expectAttempted(outcome, '1.1.1.1:443', '10.0.0.1:22', '172.17.0.1:2375')
    },
  },
  {
    id: 'route-direct-ipv6',
    group: 'network',
    tries: 'connect over IPv6: global, link-local, unique local, mapped',
    wall,
    invariant: 2,
    script: wireScript(`${TCP}
for address in ['2606:4700:4700::1111', 'fe80::1', 'fd00::1', 'ff02::1', '::ffff:1.1.1.1', '64:ff9b::101:101']:
    attempt(address, lambda: tcp(address, 443, socket.AF_INET6))`),
    verify(outcome) {
      expectUnreachable(outcome)
      expectAttempted(outcome, '2606:4700:4700::1111:443')
    },
  },
  {
    id: 'route-metadata-direct',
    group: 'network',
    tries: 'connect to the addresses where clouds hand out credentials, without the proxy',
    wall,
    invariant: 2,
    script: wireScript(`${TCP}
for address, family in [('169.254.169.254', socket.AF_INET), ('169.254.170.2', socket.AF_INET), ('100.100.100.200', socket.AF_INET), ('168.63.129.16', socket.AF_INET), ('fd00:ec2::254', socket.AF_INET6)]:
    attempt(address, lambda: tcp(address, 80, family))`),
    verify(outcome) {
      expectUnreachable(outcome)
      expectAttempted(outcome, '169.254.169.254:80', 'fd00:ec2::254:80')
    },
  },
  {
    id: 'route-udp',
    group: 'network',
    tries: 'send datagrams out: QUIC, NTP, multicast, broadcast, SSDP and mDNS',
    wall,
    invariant: 2,
    script: wireScript(`${TCP}
def broadcast():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    sock.sendto(b'x', ('255.255.255.255', 9))
for address, port in [('1.1.1.1', 443), ('129.6.15.28', 123), ('224.0.0.1', 9), ('239.255.255.250', 1900), ('224.0.0.251', 5353)]:
    attempt(address, lambda: udp(address, port))
attempt('broadcast', broadcast)
attempt('IPv6', lambda: udp('2606:4700:4700::1111', 443, socket.AF_INET6))`),
    verify: expectUnreachable,
  },
  {
    id: 'route-icmp-and-raw',
    group: 'network',
    tries: 'tunnel through ICMP echo, raw IP and packet sockets, SCTP and other families',
    wall: 'network namespace, no capabilities, system call filter',
    invariant: 2,
    script: wireScript(`
def echo():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
    sock.sendto(b'\\x08\\0\\0\\0\\0\\0\\0\\0', ('1.1.1.1', 0))
attempt('ICMP echo', echo)
attempt('raw ICMP', lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP))
attempt('raw IP', lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW))
attempt('packet', lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 768))
attempt('vsock', lambda: socket.socket(40, socket.SOCK_STREAM).connect((2, 1024)))
attempt('SCTP', lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132).connect(('1.1.1.1', 443)))`),
    verify: expectUnreachable,
  },
  {
    id: 'route-dns',
    group: 'network',
    tries: 'ask resolvers by hand, UDP and TCP: public ones, the stub on 127.0.0.53, port 53 of loopback',
    wall: 'no resolver, no route',
    invariant: 2,
    script: wireScript(`${TCP}${QUERY}
for server in ['8.8.8.8', '1.1.1.1', '127.0.0.53', '127.0.0.1', '169.254.169.253', '10.0.0.2']:
    attempt('UDP ' + server, lambda: udp(server, 53, data=QUERY))
    attempt('TCP ' + server, lambda: tcp(server, 53))
attempt('DoT', lambda: tcp('1.1.1.1', 853))`),
    verify(outcome) {
      expectUnreachable(outcome)
      expectAttempted(outcome, '8.8.8.8:53', '1.1.1.1:853')
    },
  },
  {
    id: 'route-resolver-configuration',
    group: 'network',
    tries: 'configure a resolver: resolv.conf, hosts, nsswitch, HOSTALIASES, resolver variables, getaddrinfo',
    wall: 'files of the root are read-only; nsswitch has no dns',
    invariant: 2,
    script: wireScript(`
def write(path):
    with open(path, 'a') as file:
        file.write('nameserver 8.8.8.8\\n')
    return 'written'
for path in ['/etc/resolv.conf', '/etc/hosts', '/etc/nsswitch.conf', '/etc/gai.conf', '/etc/host.conf']:
    attempt(path, lambda: write(path))
open('/tmp/aliases', 'w').write('github example.com\\n')
os.environ.update({'HOSTALIASES': '/tmp/aliases', 'LOCALDOMAIN': 'example.com', 'RES_OPTIONS': 'nameserver:8.8.8.8 use-vc'})
for name in ['example.com', 'github', 'metadata.google.internal', 'host.docker.internal', 'gateway']:
    attempt(name, lambda: socket.getaddrinfo(name, 443))`),
    verify(outcome) {
      for (const { label, text } of told(outcome))
        expect([label, text]).toEqual([
          label,
          expect.stringMatching(/Read-only|Permission denied|gaierror|No such file/),
        ])
      expectOnlyGit(outcome)
    },
  },
  {
    id: 'route-host-loopback',
    group: 'network',
    tries: 'reach a service on the host’s loopback, by each of its names',
    wall,
    invariant: 2,
    async before({ folder }, cleanup) {
      const server = createServer((socket) => socket.end('the host\n'))
      await new Promise<void>((resolve, reject) => server.on('error', reject).listen(43_117, '127.0.0.1', resolve))
      servers.set(folder, server)
      cleanup.defer(() => new Promise<void>((resolve) => server.close(() => resolve())))
    },
    script: wireScript(`${TCP}
for address in ['127.0.0.1', '127.0.1.1', 'localhost', '0.0.0.0', '127.255.255.254']:
    attempt(address, lambda: tcp(address, 43117))
for address in ['::1', '::', '::ffff:127.0.0.1']:
    attempt(address, lambda: tcp(address, 43117, socket.AF_INET6))`),
    async verify(outcome, { folder }) {
      const server = servers.get(folder)
      const connections = await new Promise<number>((resolve) => server?.getConnections((_, count) => resolve(count)))
      servers.delete(folder)
      expect(connections).toBe(0)
      expectUnreachable(outcome)
    },
  },
  {
    id: 'route-new-interface',
    group: 'network',
    tries: 'create a way out: a tun device, a veth pair, an address, a route, a raised interface',
    wall: 'no capabilities, no /dev/net/tun, netlink changes refused',
    invariant: 2,
    script: wireScript(`
import fcntl, struct
def netlink(kind, payload):
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    sock.send(struct.pack('IHHII', 16 + len(payload), kind, 0x605, 1, 0) + payload)
    answer = sock.recv(4096)
    return f'[Errno {-struct.unpack_from("i", answer, 16)[0]}]'
def ioctl(request, data):
    return fcntl.ioctl(socket.socket(socket.AF_INET, socket.SOCK_DGRAM), request, data)
attempt('tun', lambda: open('/dev/net/tun', 'rb+'))
attempt('new link', lambda: netlink(16, struct.pack('BBHiII', 0, 0, 0, 0, 1, 1) + struct.pack('HH', 20, 18) + struct.pack('HH', 10, 1) + b'dummy\\0\\0\\0'))
attempt('address', lambda: netlink(20, struct.pack('BBBBi', 2, 24, 0, 0, 1) + struct.pack('HH4s', 8, 2, bytes([10, 0, 0, 9]))))
attempt('route', lambda: netlink(24, struct.pack('BBBBBBBBI', 2, 0, 0, 0, 254, 3, 0, 1, 0) + struct.pack('HHi', 8, 4, 1)))
attempt('SIOCSIFADDR', lambda: ioctl(0x8916, struct.pack('16sHH4s8x', b'lo', 2, 0, bytes([10, 0, 0, 9]))))
attempt('SIOCSIFFLAGS', lambda: ioctl(0x8914, struct.pack('16sH22x', b'lo', 0)))
attempt('SIOCADDRT', lambda: ioctl(0x890b, bytes(120)))
names = [name for _, name in socket.if_nameindex()]
tell('interfaces', ' '.join(sorted(names)))`),
    verify(outcome) {
      for (const { label, text } of told(outcome).slice(0, -1))
        expect([label, text]).toEqual([label, expect.stringMatching(/Errno (1|2|13|93|95|97)\]/)])
      expect(told(outcome).at(-1)).toMatchObject({ label: 'interfaces' })
      expect(told(outcome).at(-1)?.text.split(' ')).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/^(eth|en|wl|veth|tun|tap|dummy|docker)/)]),
      )
      expectSoundRun(outcome)
    },
  },
]
