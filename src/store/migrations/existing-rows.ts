// Paging over a table, for migrations that rewrite rows.

const PAGE = 500

/**
 * All rows of a table in the order of their ids; `page` reads the rows after an id. The caller may update them
 * meanwhile.
 */
export async function* rowsOf<R extends { id: string }>(
  page: (after: string, limit: number) => Promise<R[]>,
): AsyncGenerator<R, void, undefined> {
  for (let after = ''; ;) {
    const rows = await page(after, PAGE)
    yield* rows
    if (rows.length < PAGE) return
    after = rows.at(-1)?.id ?? after
  }
}

export function jsonText(text: string | null): string | null {
  return text === null ? null : JSON.stringify(text)
}
