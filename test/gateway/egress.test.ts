import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openFixture, openStandIn, PUBLIC_ADDRESS } from './gateway-fixture.ts'
import { runProgram } from './programs.ts'

const HOST = 'api.example.com'
const allowHost = (question: { resource: { id: string } }): boolean => question.resource.id === `${HOST}:443`

describe('an allowed host', () => {
  test('answers curl and records request, answer and decision', async () => {
    await using upstream = await openStandIn(HOST, (_req, res) => res.setHeader('set-cookie', 'a=b').end('hello'))
    await using box = await openFixture({ allow: allowHost, ...upstream })
    const curl = await runProgram(box, [
      'curl',
      '-sS',
      '-i',
      '-H',
      'Authorization: Bearer abc',
      `https://${HOST}/a/../x?q=1`,
    ])
    expect(curl.stderr).toBe('')
    expect(curl.stdout).toContain('hello')
    expect(curl.stdout).not.toContain('set-cookie')
    expect(upstream.dialled).toEqual([`${PUBLIC_ADDRESS}:443`])
    expect(box.requests()).toMatchObject([
      {
        method: 'GET',
        url: `https://${HOST}/x?q=1`,
        service: 'egress',
        status: 200,
        responseBytes: 5,
        decision: { allowed: true, reasons: ['test-allows'] },
        note: 'dropped the header authorization',
      },
    ])
    expect(box.blobs.all.get(box.requests()[0]?.responseDigest ?? '')?.toString()).toBe('hello')
    expect(box.questions[0]?.context).toMatchObject({
      method: 'GET',
      path: '/x',
      host: HOST,
      port: 443,
      scheme: 'https',
    })
  })

  test('credentials and cookies from inside never reach the server', async () => {
    const seen: string[] = []
    await using upstream = await openStandIn(HOST, (req, res) => res.end(String(seen.push(...req.rawHeaders))))
    await using box = await openFixture({ allow: allowHost, ...upstream })
    await runProgram(box, [
      'curl',
      '-sS',
      '-H',
      'Authorization: Bearer abc',
      '-H',
      'Cookie: s=1',
      '-H',
      'Proxy-Authorization: Basic eA==',
      '-H',
      'X-Hop: 1',
      '-H',
      'Connection: x-hop',
      `https://${HOST}/`,
    ])
    expect(seen.map((text) => text.toLowerCase())).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/auth|cookie|x-hop/)]),
    )
    expect(JSON.stringify(box.events)).not.toContain('Bearer')
  })

  test("passes a body of Node's fetch and keeps both bodies", async () => {
    await using upstream = await openStandIn(HOST, (req, res) => void req.pipe(res))
    await using box = await openFixture({ allow: allowHost, ...upstream, limits: { memoryBytes: 1000 } })
    const script = `const r = await fetch('https://${HOST}/echo', { method: 'POST', body: 'x'.repeat(5000) }); console.log(r.status, (await r.text()).length)`
    const node = await runProgram(box, ['node', '--input-type=module', '-e', script])
    expect(node).toMatchObject({ code: 0, stdout: '200 5000\n' })
    const [request] = box.requests()
    expect(request).toMatchObject({ method: 'POST', requestBytes: 5000, responseBytes: 5000 })
    expect(request?.requestDigest).toBe(request?.responseDigest)
  })

  test('passes redirects on without following them', async () => {
    await using upstream = await openStandIn(HOST, (_req, res) =>
      res.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
    )
    await using box = await openFixture({ allow: allowHost, ...upstream })
    const curl = await runProgram(box, [
      'curl',
      '-sS',
      '-L',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code} %{num_redirects}',
      `https://${HOST}/`,
    ])
    expect(curl.stdout).toBe('403 1')
    expect(upstream.dialled).toHaveLength(1)
  })

  test('sends no request to a server with a certificate for another name', async () => {
    await using upstream = await openStandIn('other.example.com', (_req, res) => res.end('secret'))
    await using box = await openFixture({ allow: allowHost, ...upstream })
    const curl = await runProgram(box, ['curl', '-sS', '-w', '%{http_code}', `https://${HOST}/`])
    expect(curl.stdout).toMatch(/TLS with api.example.com failed[^]*502$/)
  })

  test('passes on no part of an answer that breaks off', async () => {
    await using upstream = await openStandIn(HOST, (_req, res) => {
      res.writeHead(200, { 'content-length': '100' }).write('half of it')
      setTimeout(() => res.destroy(), 50)
    })
    await using box = await openFixture({ allow: allowHost, ...upstream })
    const curl = await runProgram(box, ['curl', '-sS', '-w', '%{http_code}', `https://${HOST}/`])
    expect(curl.stdout).toMatch(/broke off[^]*502$/)
    expect(curl.stdout).not.toContain('half of it')
  })

  test('refuses an answer over the bound instead of cutting it', async () => {
    await using upstream = await openStandIn(HOST, (_req, res) => res.end('y'.repeat(20_000)))
    await using box = await openFixture({
      allow: allowHost,
      ...upstream,
      limits: { responseBytes: 10_000, memoryBytes: 100 },
    })
    const curl = await runProgram(box, ['curl', '-sS', '-w', '%{http_code}', `https://${HOST}/`])
    expect(curl.stdout).toMatch(/longer than 10000 bytes[^]*502$/)
    expect(curl.stdout).not.toContain('yyy')
  })

  test('answers a request body over the bound with a refusal', async () => {
    await using upstream = await openStandIn(HOST, (_req, res) => res.end('never'))
    await using box = await openFixture({ allow: allowHost, ...upstream, limits: { egressRequestBytes: 1000 } })
    const curl = await runProgram(box, [
      'curl',
      '-sS',
      '-w',
      '%{http_code}',
      '--data',
      'z'.repeat(3000),
      `https://${HOST}/`,
    ])
    expect(curl.stdout).toMatch(/longer than 1000 bytes[^]*413$/)
    expect(box.requests()).toMatchObject([{ status: 413 }])
  })

  test('records a timeout when the upstream never answers', async () => {
    await using upstream = await openStandIn(HOST, () => {})
    await using box = await openFixture({ allow: allowHost, ...upstream, limits: { upstreamIdleMs: 300 } })
    const curl = await runProgram(box, ['curl', '-sS', '-w', '%{http_code}', `https://${HOST}/`])
    expect(curl.stdout).toMatch(/504$/)
    expect(box.requests()).toMatchObject([{ status: 504 }])
  })

  test('HEAD keeps its length and has no body', async () => {
    await using upstream = await openStandIn(HOST, (_req, res) => res.setHeader('content-length', '12345').end())
    await using box = await openFixture({ allow: allowHost, ...upstream })
    const curl = await runProgram(box, ['curl', '-sS', '-I', `https://${HOST}/`])
    expect(curl.stdout.toLowerCase()).toContain('content-length: 12345')
  })
})

describe('a host that no policy permits', () => {
  test('is denied with an explanation that an agent can read', async () => {
    await using box = await openFixture({ reach: ['npm'], allow: () => false })
    const text = await runProgram(box, ['curl', '-sS', '-w', '%{http_code}', 'https://evil.example.org/x'])
    expect(text.stdout).toMatch(
      /^Glovebox refused: GET https:\/\/evil\.example\.org\/x\nWhy: No policy permits it\.\n[^]*named sets of this task: npm[^]*403$/,
    )
    const json = await runProgram(box, ['curl', '-sS', '-H', 'Accept: application/json', 'https://evil.example.org/x'])
    expect(JSON.parse(json.stdout)).toMatchObject({ code: 'denied', reasons: [], url: 'https://evil.example.org/x' })
    expect(box.requests()).toMatchObject([{ status: 403, decision: { allowed: false } }, { status: 403 }])
  })

  test('is also explained to a client that is still sending, after its request was read', async () => {
    await using box = await openFixture({ limits: { drainMs: 600_000 } })
    await writeFile(join(box.directory, 'large'), Buffer.alloc(20_000_000))
    for (const expect100 of ['Expect: 100-continue', 'Expect:']) {
      const curl = await runProgram(box, [
        'curl',
        '-sS',
        '-w',
        '%{http_code}',
        '-H',
        expect100,
        '--data-binary',
        '@large',
        'https://evil.example.org/x',
      ])
      expect([curl.stderr, curl.stdout]).toEqual(['', expect.stringMatching(/No policy permits it[^]*403$/)])
    }
  })

  test('git shows a refusal and gives up', async () => {
    await using box = await openFixture()
    const git = await runProgram(box, ['git', 'ls-remote', 'https://code.example.org/a/b.git'], {
      env: { GIT_TERMINAL_PROMPT: '0' },
    })
    expect(git.code).not.toBe(0)
    expect(git.stderr).toContain('403')
    expect(box.requests()[0]?.url).toBe('https://code.example.org/a/b.git/info/refs?service=git-upload-pack')
  })

  test('decides on plain HTTP with its scheme', async () => {
    await using box = await openFixture()
    const curl = await runProgram(box, ['curl', '-sS', '-w', '%{http_code}', 'http://evil.example.org/'])
    expect(curl.stdout).toMatch(/403$/)
    expect(box.questions[0]?.resource).toEqual({
      type: 'Host',
      id: 'evil.example.org:80',
      attributes: { authority: 'evil.example.org:80', host: 'evil.example.org', port: 80, scheme: 'http' },
    })
  })

  test('treats another port as another resource', async () => {
    await using box = await openFixture({ allow: allowHost })
    const curl = await runProgram(box, ['curl', '-sS', '-w', '%{http_code}', `https://${HOST}:8443/`])
    expect(curl.stdout).toMatch(/403$/)
    expect(box.questions[0]?.resource.id).toBe(`${HOST}:8443`)
  })
})

describe('addresses that are never dialled, whatever policy says', () => {
  const dialled: string[] = []
  const options = {
    allow: () => true,
    connect: async (address: string) => {
      dialled.push(address)
      throw new Error('dialled')
    },
  }

  test.each([
    'https://169.254.169.254/',
    'http://169.254.169.254/latest/meta-data/',
    'http://127.0.0.1:22/',
    'http://10.0.0.1/',
    'http://100.100.100.200/',
    'http://168.63.129.16/',
    'http://0.0.0.0/',
    'http://[::1]/',
    'http://[::ffff:169.254.169.254]/',
    'http://[64:ff9b::a9fe:a9fe]/',
    'http://[fd00:ec2::254]/',
    'http://[fe80::1]/',
    'http://[2002:a9fe:a9fe::]/',
    'http://[::7f00:1]/',
  ])('%s', async (url) => {
    await using box = await openFixture(options)
    const curl = await runProgram(box, ['curl', '-sS', '-g', '--noproxy', '', '-w', '%{http_code}', url])
    expect(curl.stdout).toMatch(/never dials[^]*403$/)
    expect(box.requests()).toMatchObject([{ status: 403 }])
    expect(dialled).toEqual([])
  })

  test.each(['127.0.0.1', '::ffff:10.0.0.1', '169.254.169.254', 'fe80::1%eth0', 'nonsense'])(
    'a name that resolves to %s among public addresses',
    async (address) => {
      await using box = await openFixture({ ...options, resolve: async () => [PUBLIC_ADDRESS, address] })
      const curl = await runProgram(box, ['curl', '-sS', '-w', '%{http_code}', 'https://rebind.example.com/'])
      expect(curl.stdout).toMatch(/never dials[^]*403$/)
      expect(dialled).toEqual([])
    },
  )

  test('resolves a name once per request and dials the checked address', async () => {
    const answers = [[PUBLIC_ADDRESS], ['127.0.0.1']]
    await using upstream = await openStandIn(HOST, (_req, res) => res.end('ok'))
    await using box = await openFixture({ ...upstream, allow: () => true, resolve: async () => answers.shift() ?? [] })
    const first = await runProgram(box, ['curl', '-sS', `https://${HOST}/`])
    const second = await runProgram(box, ['curl', '-sS', '-w', '%{http_code}', `https://${HOST}/`])
    expect([first.stdout, second.stdout.slice(-3), upstream.dialled]).toEqual(['ok', '403', [`${PUBLIC_ADDRESS}:443`]])
  })
})

describe('invariant 3: recorded before answered', () => {
  test('does not give an answer that cannot be recorded', async () => {
    await using upstream = await openStandIn(HOST, (_req, res) => res.end('top secret'))
    await using box = await openFixture({ allow: allowHost, ...upstream, recorderFails: () => true })
    const curl = await runProgram(box, ['curl', '-sS', '-w', '%{http_code}', `https://${HOST}/`])
    expect(curl.stdout).toMatch(/503$/)
    expect(curl.stdout).not.toContain('top secret')
    expect(curl.stdout).not.toContain('/secret/place')
  })

  test('reports an unrecordable refusal only as a failure', async () => {
    await using box = await openFixture({ recorderFails: () => true })
    const curl = await runProgram(box, ['curl', '-sS', '-w', '%{http_code}', 'https://evil.example.org/'])
    expect(curl.stdout).toMatch(/503$/)
  })

  test('writes the record before the answer leaves', async () => {
    const order: string[] = []
    await using upstream = await openStandIn(HOST, (_req, res) => res.end('ok'))
    await using box = await openFixture({ allow: allowHost, ...upstream })
    const record = box.context.recorder.record
    box.context.recorder.record = async (batch) => {
      await new Promise((done) => setTimeout(done, 200))
      order.push('recorded')
      return record(batch)
    }
    await runProgram(box, ['curl', '-sS', `https://${HOST}/`]).then(() => order.push('answered'))
    expect(order).toEqual(['recorded', 'answered'])
  })
})
