// The allowed key sources of a connection that is not defined in the configuration file. Other sources would let anyone
// who can call the API or write the database read files and variables of this machine or run its programs.
export const API_SOURCES: readonly string[] = ['stored', 'none']

/**
 * The reason why a connection with this credential is refused; null if it is allowed. A stored key must have its name.
 */
export function whyNotFromApi(name: string, credential: { from: string; name?: string | undefined }): string | null {
  if (!API_SOURCES.includes(credential.from)) return `its key comes from \`${credential.from}\``
  if (credential.from === 'stored' && (credential.name ?? name) !== name)
    return `it takes the key of ${credential.name}`
  return null
}
