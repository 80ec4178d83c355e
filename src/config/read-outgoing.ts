// Reads the proxy settings of this machine, from glovebox.yaml or else from the usual variables such as HTTPS_PROXY.
import { DIRECT, parseNoProxy, parseProxy, type Outgoing } from '../outgoing/settings.ts'
import { ConfigError } from './config-error.ts'
import type { ConfigFile } from './config-file.ts'

/** The settings without the certificates, which are still in files. */
export type OutgoingChoice = Omit<Outgoing, 'certificates'> & { caFiles: readonly string[] }

type Variables = Readonly<Record<string, string>>

export function readOutgoing(file: ConfigFile['outgoing'], variables: Variables): OutgoingChoice {
  const noProxy = file['no-proxy'] ?? parseNoProxy(first(variables, ['no_proxy', 'NO_PROXY'])?.value ?? '')
  const shared = { noProxy, caFiles: file['ca-files'] }
  if (file.proxy !== undefined) {
    const proxy = file.proxy === 'none' ? DIRECT.httpProxy : parseProxy(file.proxy)
    return { ...shared, httpProxy: proxy, httpsProxy: proxy, decided: true }
  }
  const any = ['all_proxy', 'ALL_PROXY']
  return {
    ...shared,
    httpProxy: proxyOf(first(variables, ['http_proxy', 'HTTP_PROXY', ...any])),
    httpsProxy: proxyOf(first(variables, ['https_proxy', 'HTTPS_PROXY', ...any])),
    decided: false,
  }
}

function first(variables: Variables, names: readonly string[]): { name: string; value: string } | null {
  const name = names.find((one) => variables[one] !== undefined)
  return name === undefined ? null : { name, value: variables[name] ?? '' }
}

/** An empty variable means no proxy. The value may contain a password, so errors do not quote it. */
function proxyOf(variable: { name: string; value: string } | null): URL | null {
  if (variable === null || variable.value === '') return null
  const proxy = parseProxy(variable.value)
  if (proxy !== null) return proxy
  throw new ConfigError(
    'bad-variable',
    `${variable.name} is not an http:// or https:// URL of a proxy; SOCKS is not supported`,
  )
}
