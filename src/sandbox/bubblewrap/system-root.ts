// Which of the host's files a sandbox sees: an allow-list, so that what nobody thought of is absent.
import { existsSync, lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { isCopyable } from './copied-files.ts'

export type RootEntry =
  | { kind: 'bind'; path: string }
  /** A copy of one small file. */
  | { kind: 'file'; path: string }
  | { kind: 'symlink'; path: string; target: string }
  /** An empty folder over one of the host's. */
  | { kind: 'mask'; path: string }

/** Links into /usr on merged systems, folders of their own elsewhere. */
const TOP = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32']

/**
 * Loader, certificates, tools behind alternatives, and names of ports: what git, compilers and interpreters read. Of tools
 * that Debian configures in /etc there are only the files without which they do not start: Maven's settings.xml beside
 * them may hold the passwords of repositories (invariant 1). One by one, since a folder is one more mount to wait for.
 */
const ETC = [
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'ld-musl-x86_64.path',
  'ld-musl-aarch64.path',
  'alternatives',
  'ssl/certs',
  'ssl/cert.pem',
  'ssl/openssl.cnf',
  'pki/tls/certs',
  'pki/tls/openssl.cnf',
  'pki/ca-trust/extracted',
  'ca-certificates/extracted',
  'crypto-policies',
  'services',
  'protocols',
  'mime.types',
  'magic',
  'os-release',
  'debian_version',
  'perl',
  'terminfo',
  'maven/m2.conf',
  'maven/logging/simplelogger.properties',
  'dotnet/install_location',
].map((name) => join('/etc', name))

const ETC_PATTERNS = [/^python3(\.\d+)?$/, /^java-\d+-openjdk$/]

/** Configuration of npm and others for the whole machine can be here, with registry tokens in it (invariant 1). */
const MASKED = ['/usr/etc', '/usr/local/etc']

/**
 * All of /usr is shown, /usr/local included: what an administrator installed there for everyone is what builds need,
 * and it is world readable on the host already. Only the two folders for configuration below it are covered.
 */
export function systemRoot(): RootEntry[] {
  const patterned = readdirSync('/etc').filter((name) => ETC_PATTERNS.some((pattern) => pattern.test(name)))
  const etc = [...ETC, ...patterned.map((name) => join('/etc', name))].filter((path) => existsSync(path))
  return [
    { kind: 'bind', path: '/usr' },
    ...TOP.flatMap(topEntry),
    ...etc.map((path): RootEntry => ({ kind: isCopyable(path) ? 'file' : 'bind', path })),
    ...MASKED.filter((path) => existsSync(path)).map((path): RootEntry => ({ kind: 'mask', path })),
  ]
}

function topEntry(path: string): RootEntry[] {
  const info = lstatSync(path, { throwIfNoEntry: false })
  if (!info) return []
  if (info.isSymbolicLink()) return [{ kind: 'symlink', path, target: readlinkSync(path) }]
  return [{ kind: 'bind', path }]
}
