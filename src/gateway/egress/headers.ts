// Removal of the headers that end at the gateway.

const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'http2-settings',
])

/** Pairs from Node's flat list of names and values. Names in lower case. */
export function headerPairs(raw: readonly string[]): [name: string, value: string][] {
  const pairs: [string, string][] = []
  for (let at = 0; at + 1 < raw.length; at += 2) pairs.push([(raw[at] as string).toLowerCase(), raw[at + 1] as string])
  return pairs
}

/**
 * Removes the headers of a single connection (RFC 9110, section 7.6.1): the fixed names and those that Connection
 * names.
 */
export function endToEndHeaders(headers: ReadonlyMap<string, string>): Map<string, string> {
  const named = (headers.get('connection') ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
  // Host or Content-Length in Connection is an attack on the next server, so it is not honoured.
  const dropped = new Set(named.filter((name) => name !== 'host' && name !== 'content-length'))
  return new Map([...headers].filter(([name]) => !HOP_BY_HOP.has(name) && !dropped.has(name)))
}
