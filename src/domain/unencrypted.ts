import type { Connection } from './connections/connection.ts'

/** Whether a key, or what is asked with it, leaves this machine so that whoever is on the way can read it. */
export function isUnencrypted({ url, credential }: Pick<Connection, 'url' | 'credential'>): boolean {
  return crossesInClear(url) || (credential.from === 'vault' && crossesInClear(credential.address))
}

/** The parser has brought addresses into one spelling; `0x7f.1` is 127.0.0.1 by now. */
function crossesInClear(text: string): boolean {
  const { protocol, hostname } = new URL(text)
  const own = hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
  return protocol === 'http:' && !own
}
