// Programs of each ecosystem reach an allowed host with the sandbox's settings alone, without flags and files.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { dirname, join } from 'node:path'
import { describe, expect, test, type TestContext } from 'vitest'
import { deflateRawSync, crc32 } from 'node:zlib'
import { openFixture, openStandIn, type Fixture } from './gateway-fixture.ts'
import { runProgram, type Outcome } from './programs.ts'

const HOST = 'packages.example.com'
const URL_OF = `https://${HOST}`
const TIMEOUT_MS = 120_000

interface Inside {
  box: Fixture
  run(argv: readonly string[], env?: Record<string, string>): Promise<Outcome>
  write(name: string, text: string): Promise<void>
  /** Recorded statuses and paths of requests to the stand-in. */
  seen(): string[]
}

/** Path of a program on this machine; skips the test if it is missing. */
function need(ctx: TestContext, name: string): string {
  try {
    return execFileSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', name], { encoding: 'utf8' }).trim()
  } catch {
    return ctx.skip(`${name} is not installed on this machine`)
  }
}

async function inside(files: Record<string, string | Buffer>, work: (inside: Inside) => Promise<void>): Promise<void> {
  const listener: RequestListener = (request, response) => {
    const content = files[(request.url ?? '').split('?')[0] ?? '']
    if (content === undefined) response.writeHead(404).end('not found')
    else response.setHeader('content-type', typeof content === 'string' ? 'text/html' : 'application/zip').end(content)
  }
  await using upstream = await openStandIn(HOST, listener)
  await using box = await openFixture({ allow: ({ resource }) => resource.id === `${HOST}:443`, ...upstream })
  const project = join(box.directory, 'project')
  await mkdir(project, { recursive: true })
  await mkdir(box.environment['HOME'] ?? '', { recursive: true })
  await work({
    box,
    run: (argv, env = {}) => runProgram(box, argv, { cwd: project, env }),
    async write(name, text) {
      await mkdir(dirname(join(project, name)), { recursive: true })
      await writeFile(join(project, name), text)
    },
    seen: () => box.requests().map(({ status, url }) => `${status} ${new URL(url).pathname}`),
  })
}

describe('a plain request', () => {
  const PYTHON = `import urllib.request as u; print(u.urlopen("${URL_OF}/x").read().decode())`
  const HTTPS = `require("https").get("${URL_OF}/x", (r) => r.pipe(process.stdout))`
  const RUBY = `require "net/http"; print Net::HTTP.get(URI("${URL_OF}/x"))`
  test.for<[string, string[]]>([
    ['curl', ['-sS', `${URL_OF}/x`]],
    ['python3', ['-c', PYTHON]],
    ['ruby', ['-e', RUBY]],
    ['php', ['-r', `echo file_get_contents("${URL_OF}/x");`]],
    ['deno', ['eval', `console.log(await (await fetch("${URL_OF}/x")).text())`]],
    ['bun', ['-e', `console.log(await (await fetch("${URL_OF}/x")).text())`]],
  ])('of %s', { timeout: TIMEOUT_MS }, ([name, args], ctx) =>
    inside({ '/x': 'hello' }, async ({ run, seen }) => {
      expect(await run([need(ctx, name), ...args])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^hello/) })
      expect(seen()).toEqual(['200 /x'])
    }),
  )

  test.each([
    ['fetch', `fetch("${URL_OF}/x").then((r) => r.text()).then(console.log)`],
    ['https', HTTPS],
  ])("of the box's Node, by %s", (_name, script) =>
    inside({ '/x': 'hello' }, async ({ run, seen }) => {
      expect(await run(['node', '-e', script])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^hello/) })
      expect(seen()).toEqual(['200 /x'])
    }),
  )

  test.for<[string, string]>([
    ['URLConnection', 'new String(new java.net.URL(args[0]).openStream().readAllBytes())'],
    [
      'HttpClient',
      'java.net.http.HttpClient.newHttpClient().send(java.net.http.HttpRequest.newBuilder(java.net.URI.create(args[0])).build(), java.net.http.HttpResponse.BodyHandlers.ofString()).body()',
    ],
  ])('of Java, by %s', { timeout: TIMEOUT_MS }, ([_name, expression], ctx) =>
    inside({ '/x': 'hello' }, async ({ run, write, seen }) => {
      const main = `void main(String[] args) throws Exception { System.out.println(${expression}); }`
      await write('Fetch.java', `public class Fetch { public static ${main} }`)
      const java = await run([need(ctx, 'java'), 'Fetch.java', `${URL_OF}/x`])
      expect(java).toMatchObject({ code: 0, stdout: 'hello\n' })
      expect(seen()).toEqual(['200 /x'])
    }),
  )
})

describe('a package manager', () => {
  test('git reads the refs of a repository', (ctx) =>
    inside({ '/r.git/info/refs': `${'0'.repeat(39)}1\trefs/heads/main\n` }, async ({ run, seen }) => {
      const { stdout } = await run([need(ctx, 'git'), 'ls-remote', `${URL_OF}/r.git`])
      expect(stdout).toContain('refs/heads/main')
      expect(seen()).toContain('200 /r.git/info/refs')
    }))

  test('pip downloads a wheel', { timeout: TIMEOUT_MS }, (ctx) => {
    const wheel = zip({
      'boxed.py': '',
      'boxed-1.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: boxed\nVersion: 1.0\n',
      'boxed-1.0.dist-info/WHEEL': 'Wheel-Version: 1.0\nTag: py3-none-any\n',
      'boxed-1.0.dist-info/RECORD': '',
    })
    const file = 'boxed-1.0-py3-none-any.whl'
    const files = { '/simple/boxed/': `<a href="/files/${file}">${file}</a>`, [`/files/${file}`]: wheel }
    return inside(files, async ({ run, seen }) => {
      const { code: has } = await run([need(ctx, 'python3'), '-m', 'pip', '--version'], {
        PATH: process.env['PATH'] ?? '',
      })
      if (has !== 0) return ctx.skip('python3 of this machine has no pip')
      const env = {
        PATH: process.env['PATH'] ?? '',
        PIP_INDEX_URL: `${URL_OF}/simple/`,
        PIP_CONFIG_FILE: '/dev/null',
        PIP_DISABLE_PIP_VERSION_CHECK: '1',
      }
      const pip = await run(['python3', '-m', 'pip', 'download', '--no-deps', 'boxed==1.0'], env)
      expect(pip, pip.stderr).toMatchObject({ code: 0 })
      expect(seen()).toEqual(['200 /simple/boxed/', `200 /files/${file}`])
    })
  })

  test('go downloads a module', { timeout: TIMEOUT_MS }, (ctx) => {
    const mod = 'module example.org/boxed\n'
    const at = '/example.org/boxed/@v'
    const files = {
      [`${at}/v1.0.0.info`]: '{"Version":"v1.0.0"}',
      [`${at}/v1.0.0.mod`]: mod,
      [`${at}/v1.0.0.zip`]: zip({
        'example.org/boxed@v1.0.0/go.mod': mod,
        'example.org/boxed@v1.0.0/a.go': 'package a\n',
      }),
    }
    return inside(files, async ({ box, run, write, seen }) => {
      const go = need(ctx, 'go')
      await write('go.mod', 'module here\n\nrequire example.org/boxed v1.0.0\n')
      const places = {
        GOPATH: join(box.directory, 'go'),
        GOCACHE: join(box.directory, 'cache'),
        GOFLAGS: '-modcacherw',
      }
      const env = { ...places, GOPROXY: URL_OF, GONOSUMDB: '*', GOTOOLCHAIN: 'local', GOTELEMETRY: 'off' }
      const download = await run([go, 'mod', 'download', 'example.org/boxed'], env)
      expect(download, download.stderr).toMatchObject({ code: 0 })
      expect(seen()).toContain(`200 ${at}/v1.0.0.zip`)
    })
  })

  test('cargo reads an index and downloads a crate', { timeout: TIMEOUT_MS }, (ctx) => {
    const toml = '[package]\nname = "boxed"\nversion = "1.0.0"\nedition = "2021"\n'
    const crate = tarGz({ 'boxed-1.0.0/Cargo.toml': toml, 'boxed-1.0.0/src/lib.rs': '' })
    const cksum = createHash('sha256').update(crate).digest('hex')
    const entry = { name: 'boxed', vers: '1.0.0', deps: [], cksum, features: {}, yanked: false }
    const files = {
      '/index/config.json': JSON.stringify({ dl: `${URL_OF}/crates` }),
      '/index/bo/xe/boxed': `${JSON.stringify(entry)}\n`,
      '/crates/boxed/1.0.0/download': crate,
    }
    return inside(files, async ({ box, run, write, seen }) => {
      const cargo = need(ctx, 'cargo')
      await write(
        'Cargo.toml',
        '[package]\nname = "here"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\nboxed = "1"\n',
      )
      await write('src/lib.rs', '')
      await write(
        '.cargo/config.toml',
        `[source.crates-io]\nreplace-with = "ours"\n[source.ours]\nregistry = "sparse+${URL_OF}/index/"\n`,
      )
      const home = process.env['HOME'] ?? '/root'
      const env = {
        PATH: process.env['PATH'] ?? '',
        CARGO_HOME: join(box.directory, 'cargo'),
        RUSTUP_HOME: process.env['RUSTUP_HOME'] ?? `${home}/.rustup`,
      }
      const fetched = await run([cargo, 'fetch'], env)
      expect(fetched, fetched.stderr).toMatchObject({ code: 0 })
      expect(seen()).toContain('200 /crates/boxed/1.0.0/download')
    })
  })

  const POM = (body: string): string =>
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>${body}</project>`
  const PARENT = '<groupId>org.boxed</groupId><artifactId>parent</artifactId><version>1.0</version>'

  test('Maven downloads a parent', { timeout: TIMEOUT_MS }, (ctx) => {
    const parent = POM(`${PARENT}<packaging>pom</packaging>`)
    const at = '/maven/org/boxed/parent/1.0/parent-1.0.pom'
    const files = { [at]: parent, [`${at}.sha1`]: createHash('sha1').update(parent).digest('hex') }
    return inside(files, async ({ box, run, write, seen }) => {
      const mvn = need(ctx, 'mvn')
      const repository = `<repositories><repository><id>ours</id><url>${URL_OF}/maven</url></repository></repositories>`
      const self = '<artifactId>here</artifactId><packaging>pom</packaging>'
      await write('pom.xml', POM(`<parent>${PARENT}<relativePath/></parent>${self}${repository}`))
      // The JVM reads its home folder from the account, not from HOME.
      const local = `-Dmaven.repo.local=${join(box.directory, 'm2')}`
      await write('settings.xml', '<settings/>')
      const validated = await run([mvn, '-B', '-s', 'settings.xml', local, 'validate'])
      expect(validated.stdout).toContain('BUILD SUCCESS')
      expect(seen()).toContain(`200 ${at}`)
    })
  })

  test('Gradle downloads a dependency', { timeout: TIMEOUT_MS }, (ctx) => {
    const pom = POM('<groupId>org.boxed</groupId><artifactId>lib</artifactId><version>1.0</version>')
    const at = '/maven/org/boxed/lib/1.0/lib-1.0'
    return inside({ [`${at}.pom`]: pom, [`${at}.jar`]: zip({ a: '' }) }, async ({ box, run, write, seen }) => {
      const gradle = need(ctx, 'gradle')
      const repository = `repositories { maven { url '${URL_OF}/maven' } }`
      const task = 'task fetch { doLast { configurations.compileClasspath.each { println it } } }'
      await write('settings.gradle', '')
      await write(
        'build.gradle',
        `plugins { id 'java' }\n${repository}\ndependencies { implementation 'org.boxed:lib:1.0' }\n${task}\n`,
      )
      const fetched = await run([gradle, '--no-daemon', '-g', join(box.directory, 'gradle'), 'fetch'])
      expect(fetched, fetched.stderr).toMatchObject({ code: 0 })
      expect(seen()).toContain(`200 ${at}.jar`)
    })
  })
})

/** Files as a ZIP archive (APPNOTE 4.3.6), deflated. */
function zip(files: Record<string, string>): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [name, text] of Object.entries(files)) {
    const content = Buffer.from(text)
    const packed = deflateRawSync(content)
    const path = Buffer.from(name)
    const shared = Buffer.alloc(26)
    for (const [at, value] of [
      [0, 20],
      [4, 8],
      [8, 33],
    ] as const)
      shared.writeUInt16LE(value, at)
    shared.writeUInt32LE(crc32(content), 10)
    shared.writeUInt32LE(packed.length, 14)
    shared.writeUInt32LE(content.length, 18)
    shared.writeUInt16LE(path.length, 22)
    parts.push(Buffer.from('PK\x03\x04', 'latin1'), shared, path, packed)
    const entry = Buffer.alloc(14)
    entry.writeUInt32LE(offset, 10)
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), shared, entry, path)
    offset += 4 + shared.length + path.length + packed.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(Object.keys(files).length, 4)
  end.writeUInt16LE(Object.keys(files).length, 6)
  end.writeUInt32LE(central.length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...parts, central, Buffer.from('PK\x05\x06', 'latin1'), end])
}

function tarGz(files: Record<string, string>): Buffer {
  const script =
    'import io, json, sys, tarfile\nout = tarfile.open(fileobj=sys.stdout.buffer, mode="w:gz")\nfor name, text in json.load(sys.stdin).items():\n    info = tarfile.TarInfo(name)\n    info.size = len(text)\n    out.addfile(info, io.BytesIO(text.encode()))\nout.close()\n'
  return execFileSync('python3', ['-c', script], { input: JSON.stringify(files) })
}
