// Registry kinds that runs can reach. A new kind is a folder beside npm/ and a row here.
import { NPM } from './npm/npm-registry.ts'
import type { RegistryKind, RegistryProbe, RegistryRow, RegistrySettings } from './types.ts'

const ROWS: readonly RegistryRow[] = [NPM]

export interface Registries extends AsyncDisposable {
  /** Opens each kind once, at the first use. Rejects when the machine's configuration of a kind can't be used. */
  all(): Promise<readonly RegistryKind[]>
  /** Rejects when the kind does not exist. */
  kind(name: string): Promise<RegistryKind>
  /** Checks for `glovebox doctor`. */
  probe(): Promise<readonly RegistryProbe[]>
}

export function openRegistries(settings: RegistrySettings, rows: readonly RegistryRow[] = ROWS): Registries {
  const resources = new AsyncDisposableStack()
  const opened = new Map<string, Promise<RegistryKind>>()

  function open(row: RegistryRow): Promise<RegistryKind> {
    const known = opened.get(row.name)
    if (known !== undefined) return known
    const kind = row.open(settings).then((registry) => resources.use(registry))
    opened.set(row.name, kind)
    return kind
  }

  return {
    all: () => Promise.all(rows.map(open)),
    async kind(name) {
      const row = rows.find((one) => one.name === name)
      if (row === undefined) throw new Error(`there is no kind of registry named ${name}`)
      return open(row)
    },
    probe: () => Promise.all(rows.map((row) => probe(row, () => open(row)))),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

async function probe(row: RegistryRow, open: () => Promise<RegistryKind>): Promise<RegistryProbe> {
  const name = `${row.name} registry`
  try {
    return { name, found: true, detail: await (await open()).answers(), cure: null }
  } catch (error) {
    return { name, found: false, detail: error instanceof Error ? error.message : String(error), cure: row.cure }
  }
}
