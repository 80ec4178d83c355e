import { describe, expect, test } from 'vitest'
import { readOutgoing } from './read-outgoing.ts'

const NOTHING = { 'ca-files': [] }

describe('readOutgoing', () => {
  test('prefers variables in lower case', () => {
    const { httpProxy, httpsProxy, noProxy, decided } = readOutgoing(NOTHING, {
      https_proxy: 'lower:1',
      HTTPS_PROXY: 'http://upper:2',
      ALL_PROXY: 'http://all:3',
      NO_PROXY: 'a.example, b.example',
    })
    expect([httpProxy?.host, httpsProxy?.host, noProxy, decided]).toEqual([
      'all:3',
      'lower:1',
      ['a.example', 'b.example'],
      false,
    ])
  })

  test('prefers glovebox.yaml to variables, also if it says `none`', () => {
    const variables = { HTTPS_PROXY: 'http://upper:2', NO_PROXY: 'a.example' }
    const file = { ...NOTHING, proxy: 'http://file:9', 'no-proxy': [] }
    const { httpProxy, httpsProxy, noProxy, decided } = readOutgoing(file, variables)
    expect([httpProxy?.host, httpsProxy?.host, noProxy, decided]).toEqual(['file:9', 'file:9', [], true])
    expect(readOutgoing({ ...NOTHING, proxy: 'none' }, variables)).toMatchObject({ httpsProxy: null, decided: true })
  })

  test('an empty variable means no proxy', () => {
    expect(readOutgoing(NOTHING, { https_proxy: '', ALL_PROXY: 'http://all:3' }).httpsProxy).toBe(null)
  })

  test('refuses an unsupported proxy and names the variable without its value', () => {
    expect(() => readOutgoing(NOTHING, { HTTPS_PROXY: 'socks5://user:hidden@x' })).toThrow(
      /^HTTPS_PROXY is not an http/,
    )
  })
})
