// Synthetic files that describe the machine. The host's own files would reveal its users and networks.
import type { SandboxFile } from '../types.ts'

export const SANDBOX_HOME = '/home/glovebox'
export const SANDBOX_HOSTNAME = 'glovebox'

/** `uid`: the uid that the sandbox's processes see. */
export function syntheticFiles(uid: number): readonly SandboxFile[] {
  return [
    {
      target: '/etc/passwd',
      content: [
        'root:x:0:0:root:/nonexistent:/usr/sbin/nologin',
        `glovebox:x:${uid}:${uid}:Glovebox:${SANDBOX_HOME}:/bin/sh`,
        'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin',
        '',
      ].join('\n'),
    },
    { target: '/etc/group', content: `root:x:0:\nglovebox:x:${uid}:\nnogroup:x:65534:\n` },
    { target: '/etc/hosts', content: `127.0.0.1 localhost ${SANDBOX_HOSTNAME}\n::1 localhost\n` },
    // No dns: the gateway resolves names, and the sandbox has no resolver (invariant 2).
    {
      target: '/etc/nsswitch.conf',
      content: 'passwd: files\ngroup: files\nshadow: files\nhosts: files\nservices: files\nprotocols: files\n',
    },
  ]
}
