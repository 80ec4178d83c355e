// The network settings for git on the host, as environment variables that libcurl reads.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { machineCertificates } from './certificates.ts'
import type { Outgoing } from './settings.ts'

/** `folder`: our folder for the certificate bundle, which is written if the settings add certificates. */
export async function gitNetwork(
  { httpProxy, httpsProxy, noProxy, certificates }: Outgoing,
  folder: string,
): Promise<Readonly<Record<string, string>>> {
  return {
    ...(httpProxy !== null && { http_proxy: httpProxy.href }),
    ...(httpsProxy !== null && { https_proxy: httpsProxy.href }),
    ...((httpProxy !== null || httpsProxy !== null) && { no_proxy: noProxyText(noProxy) }),
    ...(certificates.length > 0 && { GIT_SSL_CAINFO: await bundleIn(folder, certificates) }),
  }
}

/** NO_PROXY for libcurl, which does not know `*.suffix`. Loopback never goes through a proxy (settings.ts). */
function noProxyText(noProxy: readonly string[]): string {
  return ['localhost', '127.0.0.0/8', '::1', ...noProxy.map((entry) => entry.replace(/^\*\./, '.'))].join(',')
}

/** Writes one file with all trusted certificates, since libcurl's CA file replaces its default ones. */
async function bundleIn(folder: string, certificates: readonly string[]): Promise<string> {
  const path = join(folder, 'certificates.pem')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(path, `${[...machineCertificates(), ...certificates].join('\n')}\n`, { mode: 0o600 })
  return path
}
