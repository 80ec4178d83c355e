// Where a connection that was not written into the configuration file may have its key. The other sources would let
// whoever can ask the API, or write the database, read this machine's files and variables or run its programs.
export const API_SOURCES: readonly string[] = ['stored', 'none']

/** Why a connection with this credential is not taken; null: it is. A stored key is the one of the connection's own name. */
export function whyNotFromApi(name: string, credential: { from: string; name?: string | undefined }): string | null {
  if (!API_SOURCES.includes(credential.from)) return `its key comes from \`${credential.from}\``
  if (credential.from === 'stored' && (credential.name ?? name) !== name)
    return `it takes the key of ${credential.name}`
  return null
}
