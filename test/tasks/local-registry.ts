// Test fixture: a registry for the real npm with packages of the test. It serves packuments, tarballs and bulk advisories.
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync, gzipSync } from 'node:zlib'
import semver from 'semver'

export interface FakePackage {
  name: string
  version: string
  /** Source of index.js. */
  code: string
  peerDependencies?: Record<string, string>
}

export interface FakeAdvisory {
  id: string
  package: string
  range: string
}

export interface LocalRegistry extends AsyncDisposable {
  url: string
}

export async function startRegistry(
  packages: readonly FakePackage[],
  advisories: readonly FakeAdvisory[],
): Promise<LocalRegistry> {
  const server = createServer(async (request, response) => {
    const body = Buffer.concat((await request.toArray()) as Buffer[])
    const answer =
      request.method === 'POST'
        ? bulk(body, request.headers['content-encoding'], advisories)
        : serve(request.url ?? '', packages, origin())
    response.statusCode = answer === null ? 404 : 200
    response.end(answer instanceof Buffer ? answer : JSON.stringify(answer ?? { error: 'not found' }))
  })
  const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: origin(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function serve(path: string, packages: readonly FakePackage[], origin: string): object | Buffer | null {
  const [, name = '', file] = /^\/([^/]+)(?:\/-\/(.+))?$/.exec(path) ?? []
  const versions = packages.filter((pack) => pack.name === name)
  if (versions.length === 0) return null
  if (file !== undefined) {
    const pack = versions.find((version) => file === `${name}-${version.version}.tgz`)
    return pack ? tarball(pack) : null
  }
  const entries = versions.map((pack) => [pack.version, { ...manifest(pack), dist: dist(pack, origin) }] as const)
  const latest = versions
    .map((pack) => pack.version)
    .toSorted(semver.compare)
    .at(-1)
  return { name, 'dist-tags': { latest }, versions: Object.fromEntries(entries) }
}

function bulk(body: Buffer, encoding: string | undefined, advisories: readonly FakeAdvisory[]): object {
  const asked = JSON.parse((encoding === 'gzip' ? gunzipSync(body) : body).toString()) as Record<string, string[]>
  const hits = advisories.filter((advisory) =>
    asked[advisory.package]?.some((version) => semver.satisfies(version, advisory.range)),
  )
  return Object.fromEntries(
    hits.map(({ id, package: name, range }, index) => [
      name,
      [
        {
          id: index + 1,
          url: `https://github.com/advisories/${id}`,
          title: `trouble in ${name}`,
          severity: 'high',
          vulnerable_versions: range,
          cwe: [],
          cvss: { score: 0 },
        },
      ],
    ]),
  )
}

function manifest({ name, version, peerDependencies = {} }: FakePackage) {
  return { name, version, main: 'index.js', peerDependencies }
}

function dist(pack: FakePackage, origin: string) {
  const bytes = tarball(pack)
  return {
    tarball: `${origin}${pack.name}/-/${pack.name}-${pack.version}.tgz`,
    integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}`,
    shasum: createHash('sha1').update(bytes).digest('hex'),
  }
}

function tarball(pack: FakePackage): Buffer {
  const files = [entry('package/package.json', JSON.stringify(manifest(pack))), entry('package/index.js', pack.code)]
  return gzipSync(Buffer.concat([...files, Buffer.alloc(1024)]))
}

/** One file of a POSIX ustar archive. */
function entry(name: string, text: string): Buffer {
  const content = Buffer.from(text)
  const header = Buffer.alloc(512)
  header.write(name, 0)
  header.write('0000644\0' + '0000000\0'.repeat(2), 100)
  header.write(`${content.length.toString(8).padStart(11, '0')}\0${'0'.repeat(11)}\0        0`, 124)
  header.write('ustar\x0000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)])
}
