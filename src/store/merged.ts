/** The record with some of its fields replaced; a field that is given as undefined stays as it was. */
export function merged<T extends { id: string }>(record: T, fields: Partial<Omit<T, 'id'>>): T {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined)
  return { ...record, ...Object.fromEntries(given), id: record.id }
}
