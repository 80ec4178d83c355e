// Allow-list of the host files that a sandbox sees. Files that it does not name are absent.
import { existsSync, lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { isCopyable } from './copied-files.ts'

export type RootEntry =
  | { kind: 'bind'; path: string }
  /** A copy of one small file. */
  | { kind: 'file'; path: string }
  | { kind: 'symlink'; path: string; target: string }
  /** An empty folder that covers a host folder. */
  | { kind: 'mask'; path: string }

/** Links into /usr on systems with a merged /usr, real folders elsewhere. */
const TOP = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32']

/**
 * Files that git, compilers and interpreters read: loader, certificates, alternatives and port names. For tools that
 * Debian configures in /etc, only the files without which they do not start: Maven's settings.xml beside them may hold
 * repository passwords (invariant 1). Lists single files, because each folder costs one more mount.
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

/** Folders for machine-wide configuration of npm and other tools, which may hold registry tokens (invariant 1). */
const MASKED = ['/usr/etc', '/usr/local/etc']

/**
 * Shows all of /usr, /usr/local included: builds need what an administrator installed there for everyone, and it is
 * world-readable on the host already. Covers only the two configuration folders below it.
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
