import fc from 'fast-check'
import { BlockList } from 'node:net'
import { describe, expect, test } from 'vitest'
import { addressRefusal, isWithin } from './forbidden-address.ts'

describe('addressRefusal', () => {
  test.each(['93.184.215.14', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450::1'])(
    'allows %s',
    (address) => {
      expect(addressRefusal(address)).toBeNull()
    },
  )

  test.each([
    '0.0.0.0',
    '0.1.2.3',
    '10.1.2.3',
    '100.64.0.1',
    '100.100.100.200',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '192.0.0.192',
    '198.18.0.1',
    '192.0.2.1',
    '203.0.113.9',
    '224.0.0.1',
    '239.1.1.1',
    '240.0.0.1',
    '255.255.255.255',
    '168.63.129.16',
    '::',
    '::1',
    '::7f00:1',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '::ffff:8.8.8.8',
    '::ffff:0:7f00:1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::a00:1',
    '2002:7f00:1::',
    '2001:0:1::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fec0::1',
    'ff02::1',
    '2001:db8::1',
    '100::1',
    '3fff::1',
    '5f00::1',
    '4000::1',
    'fe80::1%eth0',
    '',
    'localhost',
    '127.1',
    '0x7f000001',
    '2130706433',
    '1.2.3.4 ',
    '1.2.3.4:80',
    '[::1]',
  ])('refuses %j', (address) => expect(addressRefusal(address)).not.toBeNull())

  test('refuses every address of a private network', () => {
    const blocked = new BlockList()
    for (const [net, bits] of [
      ['10.0.0.0', 8],
      ['127.0.0.0', 8],
      ['169.254.0.0', 16],
      ['172.16.0.0', 12],
      ['192.168.0.0', 16],
      ['100.64.0.0', 10],
      ['224.0.0.0', 3],
    ] as const) {
      blocked.addSubnet(net, bits)
    }
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        if (blocked.check(address)) expect(addressRefusal(address)).not.toBeNull()
        expect(addressRefusal(`::ffff:${address}`)).not.toBeNull()
      }),
      { numRuns: 5000 },
    )
  })
})

test.each([
  ['203.0.114.7', true],
  ['203.0.115.7', false],
  ['2a01:4f8:1:2::99', true],
  ['2a01:4f8:1:3::99', false],
  ['198.51.100.1', false],
])('tells whether %s is in a network of this machine: %s', (address, expected) => {
  expect(isWithin(address, ['203.0.114.20/24', '2a01:4f8:1:2::1/64', 'fe80::1%eth0/64'])).toBe(expected)
})
