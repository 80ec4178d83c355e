// Checks for `glovebox doctor` whether the stored secrets can be opened.
import type { SealedSecrets } from './stored-secrets.ts'
import { CredentialError } from './types.ts'

export interface StoredProbe {
  name: string
  found: boolean
  detail: string
  cure: string | null
}

/** Returns null if nothing is stored. */
export async function probeStored(stored: SealedSecrets): Promise<StoredProbe | null> {
  const name = 'stored credentials'
  const all = await stored.list()
  if (all.length === 0) return null
  try {
    for (const one of all) await stored.read(one.name)
  } catch (error) {
    if (!(error instanceof CredentialError)) throw error
    return { name, found: false, detail: error.message, cure: error.cure }
  }
  const keys = [...new Set(all.map(({ key }) => key))].join(', ')
  return { name, found: true, detail: `${all.length}, sealed under ${keys}`, cure: null }
}
