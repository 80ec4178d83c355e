// Parser for the credentials in .npmrc files. npm prints all settings except these, so they are read from npm's own
// files. Format: ini, with ${VARIABLE} replaced from the environment. See npmrc(5).
import { own } from '../../../domain/own.ts'

/** Credential of a registry, which npm keys by `//host/path/`. */
export interface RegistryCredential {
  /** Value of the Authorization header. Secret. */
  authorization: string
}

type Environment = Readonly<Record<string, string | undefined>>

const LINE = /^\s*(?<key>\/\/[^=\s]+?):(?<field>_authToken|_auth|username|_password)\s*=\s*(?<value>.*?)\s*$/

/** Earlier texts take precedence, like npm's user file over its global one. */
export function parseCredentials(texts: readonly string[], env: Environment): Map<string, RegistryCredential> {
  const fields = new Map<string, Map<string, string>>()
  for (const text of texts.toReversed()) {
    for (const line of text.split('\n')) {
      const { key, field, value } = LINE.exec(line)?.groups ?? {}
      if (key === undefined || field === undefined || value === undefined) continue
      const prefix = key.endsWith('/') ? key : `${key}/`
      fields.set(prefix, (fields.get(prefix) ?? new Map()).set(field, expand(unquote(value), env)))
    }
  }
  const credentials = new Map<string, RegistryCredential>()
  for (const [prefix, of] of fields) {
    const authorization = authorizationOf(of)
    if (authorization !== null) credentials.set(prefix, { authorization })
  }
  return credentials
}

/** Credential for a URL. Like npm, walks up the path until a key matches. */
export function credentialFor(
  url: URL,
  credentials: ReadonlyMap<string, RegistryCredential>,
): RegistryCredential | null {
  const parts = url.pathname.split('/').slice(0, -1)
  for (let length = parts.length; length > 0; length -= 1) {
    const credential = credentials.get(`//${url.host}${parts.slice(0, length).join('/')}/`)
    if (credential !== undefined) return credential
  }
  return null
}

function authorizationOf(fields: ReadonlyMap<string, string>): string | null {
  const token = fields.get('_authToken')
  if (token) return `Bearer ${token}`
  const basic = fields.get('_auth')
  if (basic) return `Basic ${basic}`
  const [name, password] = [fields.get('username'), fields.get('_password')]
  if (!name || !password) return null
  return `Basic ${btoa(`${name}:${Buffer.from(password, 'base64').toString('utf8')}`)}`
}

function unquote(value: string): string {
  return /^(["']).*\1$/.test(value) ? value.slice(1, -1) : value
}

/** Replaces variables. Like npm, keeps the text of an unset name; a trailing `?` makes it empty. */
function expand(value: string, env: Environment): string {
  return value.replace(
    /\$\{([^}?]+)(\?)?\}/g,
    (whole, name: string, optional?: string) => own(env, name) ?? (optional ? '' : whole),
  )
}
