// What servers on the outside are verified with.
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'

/** What this machine trusts: Node's own roots, NODE_EXTRA_CA_CERTS, and the system's, as SSL_CERT_FILE may name them. */
export function machineCertificates(): readonly string[] {
  return [...new Set([...getCACertificates('default'), ...getCACertificates('system')])]
}

/** Takes tens of milliseconds: it is made once, when the first connection needs it. */
export function trustContext(certificates: readonly string[]): SecureContext {
  return createSecureContext({ ca: [...certificates], minVersion: 'TLSv1.2' })
}

/** PEM texts of the files. Rejects with an error that names the file that is unreadable or holds no certificate. */
export function readCertificates(paths: readonly string[]): Promise<string[]> {
  return Promise.all(
    paths.map(async (path) => {
      const text = await readFile(path, 'utf8').catch((error: Error) => {
        throw new Error(`the CA file ${path} can't be read: ${error.message}`, { cause: error })
      })
      const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
      if (blocks.length === 0) throw new Error(`the CA file ${path} holds no certificate in PEM`)
      for (const block of blocks) checkCertificate(block, path)
      return blocks.join('\n')
    }),
  )
}

function checkCertificate(pem: string, path: string): void {
  try {
    void new X509Certificate(pem)
  } catch (error) {
    throw new Error(`the CA file ${path} holds a certificate that can't be read`, { cause: error })
  }
}
