// Writer for a Java trust store. JVM programs read trusted certificates from a key store, never from a PEM file. JKS is
// the only format that every JVM reads without a password and that needs no cipher. Layout as in
// sun.security.provider.JavaKeyStore: magic, version, number of entries, entries, SHA-1 over all of it.
import { createHash, X509Certificate } from 'node:crypto'

const MAGIC = 0xfe_ed_fe_ed
const VERSION = 2
const TRUSTED_CERTIFICATE = 2
/** The JVM's default password. It protects nothing: a JVM without a password skips the digest check. */
const PASSWORD = 'changeit'
const SALT = 'Mighty Aphrodite'

/** Trust store with the one certificate in `pem`. `created`: milliseconds since the epoch. */
export function javaTrustStore(pem: string, created: number): Buffer {
  const { raw } = new X509Certificate(pem)
  const content = Buffer.concat([
    u32(MAGIC),
    u32(VERSION),
    u32(1),
    u32(TRUSTED_CERTIFICATE),
    text('glovebox'),
    u64(created),
    text('X.509'),
    u32(raw.length),
    raw,
  ])
  const password = Buffer.from(PASSWORD, 'utf16le').swap16()
  const digest = createHash('sha1').update(password).update(SALT).update(content).digest()
  return Buffer.concat([content, digest])
}

/** Encodes plain ASCII like java.io.DataOutput.writeUTF. */
function text(ascii: string): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(ascii.length)
  return Buffer.concat([length, Buffer.from(ascii, 'ascii')])
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}
