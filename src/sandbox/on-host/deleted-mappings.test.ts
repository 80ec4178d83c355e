import { expect, test } from 'vitest'
import { deletedIn } from './deleted-mappings.ts'

const MAPS = `55d0c8a00000-55d0c8a02000 r--p 00000000 fe:00 1234                       /workspace/bin/tool (deleted)
55d0c8a02000-55d0c8a07000 r-xp 00002000 fe:00 1234                       /workspace/bin/tool (deleted)
7f1e9c000000-7f1e9c021000 rw-p 00000000 00:00 0 
7f1e9c121000-7f1e9c122000 r--s 00000000 00:2b 77                         /workspace/with space (deleted)
7f1e9c122000-7f1e9c123000 rw-s 00000000 00:01 9                          /dev/zero (deleted)
7f1e9c123000-7f1e9c124000 rw-s 00000000 00:01 10                         /memfd:own (deleted)
7f1e9c124000-7f1e9c125000 rw-s 00000000 00:2c 11                         /dev/shm/x (deleted)
7f1e9c125000-7f1e9c126000 r--p 00000000 fe:00 12                         /workspace/there
7f1e9c126000-7f1e9c127000 r--p 00000000 fe:00 13                         /usr/lib/libc.so (deleted)
`

test('counts each mapped and removed file of the workspace once, and nothing else', () => {
  expect(deletedIn(MAPS)).toEqual([1234n, 77n])
  expect(deletedIn('')).toEqual([])
})
