// Seeds of the targets in C. Each file of guest/fuzz explains its input.
import malformed from '../guest/vectors/malformed.json' with { type: 'json' }
import requests from '../guest/vectors/requests.json' with { type: 'json' }

export const GUEST_TARGETS = ['guest/requests', 'guest/facts', 'guest/connect', 'guest/walk'] as const
export type GuestTarget = (typeof GUEST_TARGETS)[number]

export function guestSeeds(target: GuestTarget): Uint8Array[] {
  if (target === 'guest/requests') {
    const frames = [...requests, ...malformed.guest].map(({ hex }) => Buffer.from(hex, 'hex'))
    const many = Buffer.concat([Buffer.of(0), ...frames.slice(0, requests.length)])
    return [many, ...frames.map((frame, at) => Buffer.concat([Buffer.of(at % 2 === 0 ? 0 : 3), frame]))]
  }
  if (target === 'guest/walk') {
    return [
      ['dir/deep', 'a', '/tmp', '../file', '/proc/self', 'b/x', 'a/../c/./dir//deep/'],
      ['/proc/self/cwd', 'a/..', 'f', 'e', 'dir/', '/proc/self/root/tmp', 'a/b/f/dir'],
      [...Array.from({ length: 6 }, () => 'dir'), 'n'.repeat(256)],
    ].map((texts) => Buffer.from(texts.join('\0')))
  }
  if (target === 'guest/facts')
    return ['\0sh', '\u0001Tgid:\t1\nPPid:\t2'].map((text) => Buffer.from(`${text.padEnd(24, '\0')}sh\0-c\0true\0`))
  const inet = Buffer.from([16, 2, 0, 1, 187, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0])
  const inet6 = Buffer.concat([Buffer.from([28, 10, 0, 0, 80, 0, 0, 0, 0]), Buffer.alloc(16, 1), Buffer.alloc(4)])
  return [inet, inet6, Buffer.from('\u0015\u0001\0/run/docker.sock\0'), Buffer.from('\u0008\u0001\0\0name')]
}
