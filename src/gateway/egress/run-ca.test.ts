import { createPublicKey, X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { createRunCa } from './run-ca.ts'

test('a leaf certificate is signed by the CA of its run and valid for its host only', async () => {
  const ca = await createRunCa()
  const root = new X509Certificate(ca.certificatePem)
  const { cert, key } = await ca.certificateFor('a.example.com')
  const leaf = new X509Certificate(cert)
  expect(leaf.verify(root.publicKey)).toBe(true)
  expect(leaf.checkIssued(root)).toBe(true)
  expect(leaf.checkHost('a.example.com')).toBe('a.example.com')
  expect(leaf.checkHost('b.example.com')).toBeUndefined()
  expect([root.ca, leaf.ca]).toEqual([true, false])
  expect(createPublicKey(key).export({ type: 'spki', format: 'pem' })).toBe(
    leaf.publicKey.export({ type: 'spki', format: 'pem' }),
  )
  expect(new X509Certificate((await createRunCa()).certificatePem).verify(root.publicKey)).toBe(false)
})

test('an IP address becomes an IP name, and each host gets one certificate', async () => {
  const ca = await createRunCa()
  expect(new X509Certificate((await ca.certificateFor('[2001:db8::1]')).cert).checkIP('2001:db8::1')).toBe(
    '2001:db8::1',
  )
  expect(new X509Certificate((await ca.certificateFor('10.0.0.1')).cert).checkIP('10.0.0.1')).toBe('10.0.0.1')
  expect(await ca.certificateFor('a.example.com')).toBe(await ca.certificateFor('a.example.com'))
})

test('a certificate is valid since yesterday and no longer in a month', async () => {
  const now = Date.UTC(2030, 0, 10)
  const { validFromDate, validToDate } = new X509Certificate((await createRunCa(now)).certificatePem)
  expect(validFromDate.getTime()).toBeLessThan(now - 12 * 3_600_000)
  expect(validToDate.getTime()).toBeLessThan(now + 31 * 86_400_000)
})
