/**
 * Readers differ in how they match keys: Go's ignores case (and takes U+017F and U+212A for s and k), protobuf's takes
 * `camelCase` and `snake_case` alike.
 */
export function foldKey(key: string): string {
  return key.toLowerCase().replaceAll('\u017f', 's').replaceAll('\u212a', 'k').replaceAll(/[_-]/g, '')
}
