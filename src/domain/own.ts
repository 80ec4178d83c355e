/**
 * The value of a key that comes from outside. `record[key]` would find `constructor`, `toString` and the like in every
 * object, as if somebody had put them there.
 */
export function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}
