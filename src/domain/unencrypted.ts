import type { Connection } from './connections/connection.ts'

/** Whether the key or the requests of a connection leave this machine without TLS, readable on the network. */
export function isUnencrypted({ url, credential }: Pick<Connection, 'url' | 'credential'>): boolean {
  return crossesInClear(url) || (credential.from === 'vault' && crossesInClear(credential.address))
}

/** The URL parser normalises addresses: `0x7f.1` becomes 127.0.0.1. */
function crossesInClear(text: string): boolean {
  const { protocol, hostname } = new URL(text)
  const own = hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
  return protocol === 'http:' && !own
}
