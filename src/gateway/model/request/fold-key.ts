/**
 * Folds a key so that keys which some parser treats as equal become equal. Go's parser ignores case (and treats U+017F and
 * U+212A as s and k); protobuf's treats `camelCase` and `snake_case` as equal.
 */
export function foldKey(key: string): string {
  return key.toLowerCase().replaceAll('\u017f', 's').replaceAll('\u212a', 'k').replaceAll(/[_-]/g, '')
}
