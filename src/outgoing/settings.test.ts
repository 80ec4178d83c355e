import { describe, expect, test } from 'vitest'
import { DIRECT, parseNoProxy, parseProxy, proxyAuthorization, proxyFor } from './settings.ts'

const PROXY = new URL('http://proxy.example:3128')

function proxied(url: string, noProxy = ''): boolean {
  const outgoing = { ...DIRECT, httpsProxy: PROXY, httpProxy: PROXY, noProxy: parseNoProxy(noProxy) }
  return proxyFor(new URL(url), outgoing) === PROXY
}

describe('proxyFor', () => {
  test.each([
    ['https://a.example/', ''],
    ['http://a.example/', 'b.example'],
    ['https://xa.example/', 'a.example'],
    ['https://a.example/', 'a.example:8443'],
    ['https://10.0.0.1/', '10.0.0.0/32, 11.0.0.0/8'],
    ['https://a.example/', '.'],
    ['https://[2001:db8::1]/', '2001:db8::2'],
  ])('%s is reached through the proxy with NO_PROXY=%s', (url, noProxy) => expect(proxied(url, noProxy)).toBe(true))

  test.each([
    ['https://a.example/', 'a.example'],
    ['https://A.example/', 'x, A.EXAMPLE'],
    ['https://b.a.example/', 'a.example'],
    ['https://b.a.example/', '.a.example'],
    ['https://b.a.example/', '*.a.example'],
    ['https://a.example:8443/', 'a.example:8443'],
    ['https://a.example/', 'a.example:443'],
    ['https://a.example/', '*'],
    ['https://10.1.2.3/', '10.0.0.0/8'],
    ['https://10.1.2.3/', '10.1.2.3'],
    ['https://[2001:db8::1]/', '2001:db8::/32'],
    ['https://[2001:db8::1]/', '[2001:db8:0::1]'],
    ['http://localhost:11434/', ''],
    ['http://127.0.0.1:11434/', ''],
    ['http://[::1]:11434/', ''],
  ])('%s is reached directly with NO_PROXY=%s', (url, noProxy) => expect(proxied(url, noProxy)).toBe(false))

  test('does not use the proxy for http for https', () => {
    expect(proxyFor(new URL('https://a.example/'), { ...DIRECT, httpProxy: PROXY })).toBe(null)
  })
})

describe('parseProxy', () => {
  test.each([
    ['proxy.example:3128', 'http://proxy.example:3128/'],
    ['http://proxy.example', 'http://proxy.example/'],
    ['https://u:p@proxy.example:8443/', 'https://u:p@proxy.example:8443/'],
  ])('reads %s', (text, href) => expect(parseProxy(text)?.href).toBe(href))

  test.each(['socks5://proxy.example', 'ftp://proxy.example', 'http://', 'http://a b', 'http://proxy.example/path'])(
    'refuses %s',
    (text) => expect(parseProxy(text)).toBe(null),
  )
})

test('sends user and password of a proxy URL as Basic authentication', () => {
  expect(proxyAuthorization(new URL('http://u:p%40s@proxy.example'))).toBe(`Basic ${btoa('u:p@s')}`)
  expect(proxyAuthorization(PROXY)).toBe(null)
})
