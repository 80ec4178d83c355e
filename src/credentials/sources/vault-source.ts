// Reads a secret from HashiCorp Vault, KV version 2: GET <address>/v1/<mount>/data/<path>
// https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#read-secret-version
import { z } from 'zod'
import type { SecretSource } from '../../domain/connections/secret-source.ts'
import type { AskOutside, OutsideAnswer } from '../ask-outside.ts'
import { OutsideError } from '../ask-outside.ts'
import { secretText } from '../secret-text.ts'
import type { SecretText } from '../secret-text.ts'
import { CredentialError } from '../types.ts'
import { own } from '../../domain/own.ts'

export type VaultSource = Extract<SecretSource, { from: 'vault' }>

const Secrets = z.object({ data: z.object({ data: z.record(z.string(), z.unknown()) }) })
const Deleted = z.object({ data: z.object({ data: z.null() }) })
const Problems = z.object({ errors: z.array(z.string()) })
/** Empty segments and dots: Vault normalises them, like a reverse proxy or a browser, so they would change the path. */
const ODD_SEGMENT = /^\.{0,2}$/

export async function readVault(
  source: VaultSource,
  token: SecretText,
  ask: AskOutside,
  signal: AbortSignal,
): Promise<SecretText> {
  const { field, path, mount, namespace } = source
  const headers = {
    'x-vault-token': token.reveal(),
    'x-vault-request': 'true',
    ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }),
  }
  const place = `${mount}/${path}`
  const answer = await answerOf(source, headers, ask, signal)
  if (answer.status !== 200) throw refusal(source, answer)
  const secrets = Secrets.safeParse(answer.json)
  if (!secrets.success) throw failed(source, `gave an answer that is not a secret of KV version 2 at ${place}`)
  const value = own(secrets.data.data.data, field)
  if (typeof value !== 'string')
    throw failed(source, `has no text in the field ${field} of ${place}`, 'not-found', 'check `field`')
  return secretText(value, 'vault', `the field ${field} of ${place} in Vault`)
}

async function answerOf(
  source: VaultSource,
  headers: Readonly<Record<string, string>>,
  ask: AskOutside,
  signal: AbortSignal,
): Promise<OutsideAnswer> {
  try {
    return await ask(vaultUrl(source), headers, signal)
  } catch (error) {
    if (error instanceof OutsideError) throw failed(source, `did not answer: ${error.message}`)
    throw error
  }
}

function vaultUrl(source: VaultSource): URL {
  const segments = [...source.mount.split('/'), 'data', ...source.path.split('/')]
  if (segments.some((segment) => ODD_SEGMENT.test(segment)))
    throw failed(
      source,
      `can't be asked for ${source.mount}/${source.path}: a part of the path is empty, \`.\` or \`..\``,
    )
  return new URL(`${source.address.replace(/\/+$/, '')}/v1/${segments.map(encodeURIComponent).join('/')}`)
}

function refusal(source: VaultSource, { status, json }: OutsideAnswer): CredentialError {
  const place = `${source.mount}/${source.path}`
  const told = Problems.safeParse(json).data?.errors.join('; ') ?? ''
  if (status === 403)
    return failed(
      source,
      `refuses (403): its token may not read ${place}`,
      'source-failed',
      'renew the token, or extend its policy',
    )
  if (status === 404 && Deleted.safeParse(json).success)
    return failed(source, `has no secret at ${place} any more (404): that version was deleted`, 'not-found')
  if (status === 404)
    return failed(
      source,
      `has no secret at ${place} (404)`,
      'not-found',
      'check `mount` (KV version 2), `path` and `namespace`',
    )
  if (status === 503 && /sealed/i.test(told))
    return failed(source, 'is sealed (503)', 'source-failed', 'unseal it: vault operator unseal')
  if (status >= 300 && status < 400)
    return failed(
      source,
      `redirects to another address (${status})`,
      'source-failed',
      'name the address of the active node',
    )
  return failed(source, `answered ${status}`)
}

function failed(
  { address }: VaultSource,
  what: string,
  code: CredentialError['code'] = 'source-failed',
  cure?: string,
): CredentialError {
  return new CredentialError(code, 'vault', `Vault at ${address} ${what}`, cure === undefined ? {} : { cure })
}
