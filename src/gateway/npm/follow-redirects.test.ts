import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { askFollowing } from './follow-redirects.ts'
import type { NpmUpstream } from './upstream.ts'

function upstreamWith(locations: Record<string, string>): NpmUpstream {
  const registry = new URL('https://r.example/')
  return {
    name: 'fake',
    registries: [registry],
    scopes: new Map(),
    hasCredential: () => false,
    bulkAdvisories: async () => ({}),
    async ask({ url }) {
      const location = locations[url.href]
      const headers = new Map(location === undefined ? [] : [['location', location]])
      return { status: location === undefined ? 200 : 302, headers, body: Readable.from([url.href]) }
    },
    async [Symbol.asyncDispose]() {},
  }
}

async function ask(locations: Record<string, string>): Promise<string[]> {
  const used: string[] = []
  const question = {
    method: 'GET',
    url: new URL('https://r.example/a.tgz'),
    headers: {},
    signal: AbortSignal.timeout(1000),
  } as const
  await askFollowing(upstreamWith(locations), question, (url) => used.push(url.href))
  return used
}

describe('askFollowing', () => {
  test('goes where the registry stores its tarballs', async () => {
    expect(await ask({ 'https://r.example/a.tgz': 'https://store.example/x?sig=1' })).toEqual([
      'https://r.example/a.tgz',
      'https://store.example/x?sig=1',
    ])
  })

  test.each(['http://store.example/x', 'https://u:p@store.example/x', 'file:///etc/passwd', 'https://'])(
    'does not go to %s',
    async (location) => {
      await expect(ask({ 'https://r.example/a.tgz': location })).rejects.toThrow(/does not follow/)
    },
  )

  test('ends a loop', async () => {
    await expect(ask({ 'https://r.example/a.tgz': '/b', 'https://r.example/b': '/a.tgz' })).rejects.toThrow(
      /more than 3/,
    )
  })
})
