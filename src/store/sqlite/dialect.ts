// A Kysely dialect over node:sqlite with one connection. Kysely's adapter for SQLite runs one query or transaction at a
// time on it.
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
import type { CompiledQuery, DatabaseConnection, Dialect, Driver, QueryResult, SelectModifierNode } from 'kysely'

export function sqliteDialect(database: DatabaseSync): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new SqliteDriver(database),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new OneWriterCompiler(),
  }
}

/** Omits `for update` and `skip locked`: SQLite has no row locks and needs none, since only one transaction writes. */
class OneWriterCompiler extends SqliteQueryCompiler {
  protected override visitSelectModifier(node: SelectModifierNode): void {
    if (node.modifier !== 'ForUpdate' && node.modifier !== 'SkipLocked') super.visitSelectModifier(node)
  }
}

class SqliteDriver implements Driver {
  readonly #database: DatabaseSync
  readonly #connection: SqliteConnection

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#connection = new SqliteConnection(database)
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection
  }

  /** `immediate` takes the write lock at once, so a transaction never fails halfway because another process writes. */
  async beginTransaction(): Promise<void> {
    this.#database.exec('begin immediate')
  }

  async commitTransaction(): Promise<void> {
    this.#database.exec('commit')
  }

  /** After some errors (a full disk, for one) SQLite has already rolled back and would refuse a second rollback. */
  async rollbackTransaction(): Promise<void> {
    if (this.#database.isTransaction) this.#database.exec('rollback')
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {
    this.#database.close()
  }
}

interface CachedStatement {
  statement: StatementSync
  returnsRows: boolean
}

const MAX_CACHED_STATEMENTS = 128

class SqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync
  readonly #cache = new Map<string, CachedStatement>()

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { statement, returnsRows } = this.#prepare(query.sql)
    const parameters = query.parameters as SQLInputValue[]
    if (returnsRows) return { rows: statement.all(...parameters) as R[] }
    const { changes } = statement.run(...parameters)
    return { rows: [], numAffectedRows: BigInt(changes) }
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    // A statement of its own: a cached one could be run again while this iteration is under way.
    const rows = this.#database.prepare(query.sql).iterate(...(query.parameters as SQLInputValue[]))
    for (const row of rows) yield { rows: [row as R] }
  }

  #prepare(sql: string): CachedStatement {
    const cached = this.#cache.get(sql)
    if (cached) return cached
    const statement = this.#database.prepare(sql)
    const fresh = { statement, returnsRows: statement.columns().length > 0 }
    const oldest = this.#cache.keys().next()
    if (this.#cache.size >= MAX_CACHED_STATEMENTS && !oldest.done) this.#cache.delete(oldest.value)
    this.#cache.set(sql, fresh)
    return fresh
  }
}
