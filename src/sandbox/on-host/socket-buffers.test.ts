import { expect, test } from 'vitest'
import { netlinkBytes, queuesOf, socketTotals } from './socket-buffers.ts'

const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     
   0: 0100007F:15B3 00000000:0000 0A 00000000:00000005 00:00000000 00000000     0        0 1003353 1 00000000b0dff979 100 0 0 10 0                   
   1: 0100007F:15B3 0100007F:D5EE 01 00000000:00007FE5 00:00000000 00000000     0        0 1003357 1 00000000c58b72a8 20 4 0 10 -1                   
   3: 0100007F:D5EE 0100007F:15B3 04 003AFA80:00000000 01:00000014 00000000     0        0 0 2 0000000093620f8a 20 0 0 11 -1                         
   4: 0100007F:15B3 0100007F:D5E6 06 00000000:00000000 03:000003E8 00000000     0        0 0 1 00000000a32cb90f 20 4 32 10 -1                  
`
const UDP = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops            
 9701: 0100007F:15B3 00000000:0000 07 00000000:00000340 00:00000000 00000000  1000        0 1003358 2 0000000035020859 0       
`
const NETLINK = `sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode
00000000263b8d42 0   0          00000000 0        0        0     2        0        1005185 
000000008c6471a3 0   2780547559 00000000 8386560  0        0     2        32720    1005191 
00000000ebbe2e93 0   6          00000011 4096     0        0     2        0        1005193 
`
const SOCKSTAT = `sockets: used 6
TCP: inuse 5 orphan 1 tw 0 alloc 13 mem 1166
UDP: inuse 1 mem 2
UDPLITE: inuse 0
RAW: inuse 0
FRAG: inuse 0 memory 0
`

test('adds up the bytes queued in TCP and UDP sockets, and counts orphaned connections', () => {
  expect(queuesOf(TCP)).toEqual({ bytes: 0x7fe5 + 0x3afa80, orphans: 1 })
  expect(queuesOf(UDP)).toEqual({ bytes: 0x340, orphans: 0 })
  expect(queuesOf('')).toEqual({ bytes: 0, orphans: 0 })
})

test('adds up the bytes queued in netlink sockets', () => {
  expect(netlinkBytes(NETLINK)).toBe(8_386_560 + 4096)
})

test('reads the totals of the machine and of the namespace', () => {
  expect(socketTotals(SOCKSTAT)).toEqual({ sockets: 6, pages: 1168, orphans: 1 })
  expect(socketTotals('')).toEqual({ sockets: 0, pages: 0, orphans: 0 })
})

test('reads a hundred thousand sockets in a moment', () => {
  const [, line = ''] = UDP.split('\n')
  const many = `${line}\n`.repeat(100_000)
  expect(queuesOf(many).bytes).toBe(100_000 * 0x340)
})
