import { expect, test } from 'vitest'
import { recordableUrl } from './recordable-url.ts'

test.each([
  ['http://user:secret@host/x?y', 'http://host/x?y'],
  ['http://a@b:secret@host/', 'http://host/'],
  ['user:secret@host:443', 'host:443'],
  ['//user:secret@host/', '//host/'],
  ['http:\\\\user:secret@host\\x', 'http:\\\\host\\x'],
  ['http://host/@kept', 'http://host/@kept'],
  ['a\u001b[31mb', 'a\\x1b[31mb'],
])('records %j as %j', (target, shown) => expect(recordableUrl(target, null)).toBe(shown))

test('inside a tunnel the URL starts with the host of CONNECT and is bounded', () => {
  const tunnel = { authority: { host: 'h', port: 443, kind: 'name' as const }, servername: 'h' }
  expect(recordableUrl('/p', tunnel)).toBe('https://h:443/p')
  expect(recordableUrl('http://u:secret@e/', tunnel)).toBe('https://h:443/http://e/')
  expect(recordableUrl(`/${'x'.repeat(9000)}`, tunnel).length).toBeLessThan(2100)
})
