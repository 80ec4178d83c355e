// A small private registry below a path, with a token and with tarballs in separate storage.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { listen } from './gateway-fixture.ts'

export const TOKEN = 'npm_0123456789TOKEN'
export const PREFIX = '/api/npm/'

export interface StandInRegistry extends AsyncDisposable {
  url: URL
  /** Received requests in order: `METHOD path authorization`. */
  seen: string[]
}

export interface Version {
  version: string
  dependencies?: Record<string, string>
}

/** `packages`: maps names to versions. Tarballs contain a package.json and an index.js. */
export async function openRegistry(directory: string, packages: Record<string, Version[]>): Promise<StandInRegistry> {
  const tarballs = new Map<string, Buffer>()
  const packuments = new Map<string, unknown>()
  const seen: string[] = []
  const server = createServer((req, res) => {
    const path = (req.url ?? '').split('?')[0] ?? ''
    seen.push(`${req.method} ${path} ${req.headers.authorization ?? '-'}`)
    if (path.startsWith('/storage/')) return void res.end(tarballs.get(path.slice('/storage/'.length)))
    if (req.headers.authorization !== `Bearer ${TOKEN}`)
      return void res.writeHead(401, { 'www-authenticate': 'Bearer' }).end('{"error":"no"}')
    const rest = path.startsWith(PREFIX) ? decodeURIComponent(path.slice(PREFIX.length)) : ''
    if (rest.endsWith('.tgz'))
      return void res.writeHead(302, { location: `/storage/${rest.split('/').at(-1)}?signature=SIGNED` }).end()
    const tagged = /^-\/package\/(.+)\/dist-tags$/.exec(rest)?.[1] ?? ''
    if (packuments.has(tagged)) return void res.end('{"latest":"1.0.0"}')
    const packument = packuments.get(rest)
    if (packument === undefined)
      return void res.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"Not found"}')
    res.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip', etag: '"1"' })
    res.end(gzipSync(JSON.stringify(packument)))
  })
  const url = new URL(`http://127.0.0.1:${await listen(server)}${PREFIX}`)
  for (const [name, versions] of Object.entries(packages)) {
    const entries = versions.map(
      (version) => [version.version, manifest(directory, url, name, version, tarballs)] as const,
    )
    packuments.set(name, {
      name,
      'dist-tags': { latest: versions.at(-1)?.version },
      versions: Object.fromEntries(entries),
    })
  }
  return {
    url,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

function manifest(directory: string, url: URL, name: string, version: Version, tarballs: Map<string, Buffer>): unknown {
  const file = `${name.replace('@', '').replace('/', '-')}-${version.version}.tgz`
  const folder = join(directory, 'packing', file)
  const content = { name, ...version, main: 'index.js' }
  mkdirSync(join(folder, 'package'), { recursive: true })
  writeFileSync(join(folder, 'package/package.json'), JSON.stringify(content))
  writeFileSync(join(folder, 'package/index.js'), `module.exports = ${JSON.stringify(`${name}@${version.version}`)}\n`)
  execFileSync('tar', ['-C', folder, '-czf', join(folder, file), 'package'])
  const bytes = readFileSync(join(folder, file))
  tarballs.set(file, bytes)
  const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`
  return { ...content, dist: { tarball: new URL(`${name}/-/${file}`, url).href, integrity } }
}
