import { networkInterfaces } from 'node:os'
import { expect, test } from 'vitest'
import { ownNetworks, resolveHost } from './resolve-host.ts'

const HOST = { host: 'rebound.example.com', port: 443, kind: 'name' } as const
const OWN = ['93.184.215.20/24', '2606:4700:1:2::1/64']

test('does not dial a name that resolves to a public address of this machine or to a neighbour', async () => {
  for (const address of ['93.184.215.20', '93.184.215.77', '2606:4700:1:2::77']) {
    const answers = async () => ['1.1.1.1', address]
    await expect(resolveHost(HOST, answers, OWN)).rejects.toMatchObject({ code: 'forbidden-address' })
  }
  expect(await resolveHost(HOST, async () => ['1.1.1.1', '93.184.216.1'], OWN)).toEqual(['1.1.1.1', '93.184.216.1'])
})

test('checks a bare address in the same way', async () => {
  const bare = { host: '93.184.215.20', port: 80, kind: 'ipv4' } as const
  await expect(resolveHost(bare, async () => [], OWN)).rejects.toMatchObject({ code: 'forbidden-address' })
})

test('takes the networks of this machine from its interfaces', () => {
  const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? [])
  expect(ownNetworks()).toEqual(addresses.flatMap(({ cidr }) => cidr ?? []))
})
