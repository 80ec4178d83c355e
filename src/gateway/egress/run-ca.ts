// The certificate authority of one run. Only programs in its sandbox trust it. Its key stays in this process's memory
// and is lost when the run ends.
import './reflect-metadata.ts'
import { createPrivateKey, randomBytes, webcrypto, type KeyObject } from 'node:crypto'
import { isIP } from 'node:net'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
  type X509Certificate,
} from '@peculiar/x509'
import { bareHost } from './authority.ts'

export interface HostCertificate {
  /** Leaf certificate, PEM. */
  cert: string
  key: string
}

export interface RunCa {
  readonly certificatePem: string
  /** `host` in the form that authority.ts returns. */
  certificateFor(host: string): Promise<HostCertificate>
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const MAX_CACHED = 1000
const HOUR = 3_600_000
// Backdated, because replay and faketime may set the clock in a sandbox back.
const SKEW = 24 * HOUR
const VALID = 7 * 24 * HOUR

/** `now` in milliseconds since the epoch. */
export async function createRunCa(now: number = Date.now()): Promise<RunCa> {
  const validity = { notBefore: new Date(now - SKEW), notAfter: new Date(now + VALID) }
  const caKeys = await webcrypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify'])
  const ca = await selfSigned(caKeys, validity)
  // One key for all leaf certificates, which all belong to the gateway. Each host then costs only one signature.
  const leafKeys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const leafKey = keyToPem(leafKeys.privateKey)
  const cached = new Map<string, Promise<HostCertificate>>()

  async function issue(host: string): Promise<HostCertificate> {
    const leaf = await leafFor(host, ca, caKeys.privateKey, leafKeys.publicKey, validity)
    return { cert: leaf.toString('pem'), key: await leafKey }
  }

  return {
    certificatePem: `${ca.toString('pem')}\n`,
    certificateFor(host) {
      const known = cached.get(host)
      if (known !== undefined) return known
      const [oldest] = cached.keys()
      if (cached.size >= MAX_CACHED && oldest !== undefined) cached.delete(oldest)
      const issued = issue(host)
      cached.set(host, issued)
      return issued
    },
  }
}

interface Validity {
  notBefore: Date
  notAfter: Date
}

async function selfSigned(keys: webcrypto.CryptoKeyPair, validity: Validity): Promise<X509Certificate> {
  return X509CertificateGenerator.createSelfSigned({
    ...validity,
    serialNumber: serialNumber(),
    name: [{ CN: ['Glovebox run CA'] }],
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
}

async function leafFor(
  host: string,
  ca: X509Certificate,
  caKey: webcrypto.CryptoKey,
  publicKey: webcrypto.CryptoKey,
  validity: Validity,
): Promise<X509Certificate> {
  const address = bareHost(host)
  return X509CertificateGenerator.create({
    ...validity,
    serialNumber: serialNumber(),
    // The SAN holds the host name, because a CN is limited to 64 characters (RFC 5280, appendix A.1).
    subject: [{ CN: ['Glovebox gateway'] }],
    issuer: ca.subjectName,
    signingAlgorithm: ALGORITHM,
    publicKey,
    signingKey: caKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([{ type: isIP(address) === 0 ? 'dns' : 'ip', value: address }]),
      await SubjectKeyIdentifierExtension.create(publicKey),
      await AuthorityKeyIdentifierExtension.create(ca.publicKey),
    ],
  })
}

/** Positive and at most 20 octets (RFC 5280, 4.1.2.2). */
function serialNumber(): string {
  const bytes = randomBytes(16)
  bytes[0] = 0x40 | ((bytes[0] ?? 0) & 0x3f)
  return bytes.toString('hex')
}

async function keyToPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key))
  const parsed: KeyObject = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  return parsed.export({ format: 'pem', type: 'pkcs8' }) as string
}
