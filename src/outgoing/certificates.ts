// The CA certificates that verify servers outside.
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'

/** The certificates that this machine trusts: Node's roots, NODE_EXTRA_CA_CERTS, and the system's (SSL_CERT_FILE). */
export function machineCertificates(): readonly string[] {
  return [...new Set([...getCACertificates('default'), ...getCACertificates('system')])]
}

/** Takes tens of milliseconds, so callers create it once, when the first connection needs it. */
export function trustContext(certificates: readonly string[]): SecureContext {
  return createSecureContext({ ca: [...certificates], minVersion: 'TLSv1.2' })
}

/** The PEM texts of the files. Rejects with an error that names a file that is unreadable or has no certificate. */
export function readCertificates(paths: readonly string[]): Promise<string[]> {
  return Promise.all(
    paths.map(async (path) => {
      const text = await readFile(path, 'utf8').catch((error: Error) => {
        throw new Error(`cannot read the CA file ${path}: ${error.message}`, { cause: error })
      })
      const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
      if (blocks.length === 0) throw new Error(`the CA file ${path} contains no certificate in PEM format`)
      for (const block of blocks) checkCertificate(block, path)
      return blocks.join('\n')
    }),
  )
}

function checkCertificate(pem: string, path: string): void {
  try {
    void new X509Certificate(pem)
  } catch (error) {
    throw new Error(`the CA file ${path} contains an invalid certificate`, { cause: error })
  }
}
