// Object names: SHA-1 (40 hex digits) or SHA-256 (64). Only lower case, as git writes them.

export type ObjectFormat = 'sha1' | 'sha256'

export const ID_LENGTH = { sha1: 40, sha256: 64 } as const satisfies Record<ObjectFormat, number>

export function isObjectId(text: string, format?: ObjectFormat): boolean {
  if (!/^[0-9a-f]+$/.test(text)) return false
  return format === undefined ? text.length === 40 || text.length === 64 : text.length === ID_LENGTH[format]
}

export function isZeroId(id: string): boolean {
  return /^0+$/.test(id)
}

export function zeroId(format: ObjectFormat): string {
  return '0'.repeat(ID_LENGTH[format])
}

export function formatOfId(id: string): ObjectFormat {
  return id.length === ID_LENGTH.sha256 ? 'sha256' : 'sha1'
}

const EMPTY_TREE = {
  sha1: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
  sha256: '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321',
} as const satisfies Record<ObjectFormat, string>

/** Newer git reads `.gitattributes` of HEAD even in a bare repository, and attributes can hide a file from a diff. */
export function attributesOff(sampleId: string): Record<string, string> {
  return { GIT_ATTR_SOURCE: EMPTY_TREE[formatOfId(sampleId)] }
}
