import { expect, test } from 'vitest'
import { credentialFor, parseCredentials } from './npmrc.ts'

test('tokens, basic credentials and passwords become Authorization headers', () => {
  const found = parseCredentials(
    [
      '; comment\nregistry=https://r.example/\n//r.example/:_authToken=${TOKEN}\n//b.example/npm/:_auth="YTpi"\n' +
        '//u.example/:username=ada\n//u.example/:_password=cGFzcw==\n//half.example/:username=x\n//plain.example/npm:_authToken = t\n',
    ],
    { TOKEN: 'abc' },
  )
  expect(Object.fromEntries(found)).toEqual({
    '//r.example/': { authorization: 'Bearer abc' },
    '//b.example/npm/': { authorization: 'Basic YTpi' },
    '//u.example/': { authorization: `Basic ${btoa('ada:pass')}` },
    '//plain.example/npm/': { authorization: 'Bearer t' },
  })
})

test('treats an unset variable as unset, even if it has the name of a property of every object', () => {
  const found = parseCredentials(['//r.example/:_authToken=${constructor}\n//q.example/:_authToken=${toString?}x'], {})
  expect(found.get('//r.example/')?.authorization).toBe('Bearer ${constructor}')
  expect(found.get('//q.example/')?.authorization).toBe('Bearer x')
})

test("the user's file takes precedence over the global one", () => {
  const found = parseCredentials(['//r.example/:_authToken=user', '//r.example/:_authToken=global'], {})
  expect(found.get('//r.example/')?.authorization).toBe('Bearer user')
})

test('sends a credential only to its host, port and path', () => {
  const credentials = new Map([['//r.example/npm/', { authorization: 'x' }]])
  const at = (url: string): boolean => credentialFor(new URL(url), credentials) !== null
  expect(
    ['https://r.example/npm/a', 'https://r.example/npm/@s%2fa', 'https://r.example/npm/a/-/a.tgz'].map(at),
  ).toEqual([true, true, true])
  expect(
    [
      'https://r.example/',
      'https://r.example/npmx/a',
      'https://r.example:8443/npm/a',
      'https://evil.example/npm/a',
      'https://r.example/other/npm/a',
    ].map(at),
  ).toEqual([false, false, false, false, false])
})
