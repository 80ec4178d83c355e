// Prints a connection.
import type { ConnectionInfo } from '../../../contract/connections.ts'
import type { ConnectionKind } from '../../../domain/connections/connection.ts'
import { formatText } from '../../arguments/command-line.ts'
import type { Style } from '../../text/style.ts'
import { alignColumns } from '../../text/table.ts'
import { printedModel } from './model-connection.ts'
import type { PrintedKind } from './printed-kind.ts'

const PRINTED: { readonly [K in ConnectionKind]: PrintedKind<Extract<ConnectionInfo, { kind: K }>> } = {
  model: printedModel,
}

const UNENCRYPTED = 'without TLS, anyone on the network path can read the requests and the key; use an https URL'

export function connectionText(connection: ConnectionInfo, style: Style): string {
  const { kind, name, credential, unencrypted, origin } = connection
  const rows = [
    ['Connection', formatText(name)],
    ['Kind', kind],
    ...PRINTED[kind].rows(connection),
    ['Key', formatText(credential)],
    ...(unencrypted ? [['Careful', style.warn(UNENCRYPTED)]] : []),
    ['Set in', origin === 'file' ? 'glovebox.yaml' : 'the API'],
  ]
  return `${alignColumns(rows).join('\n')}\n`
}

export function connectionList(connections: readonly ConnectionInfo[], columns: number): string {
  const rows = connections.map((connection) => {
    const { kind, name, url, origin } = connection
    const [speaks, offers] = PRINTED[kind].summary(connection)
    const setIn = origin === 'file' ? 'glovebox.yaml' : 'API'
    return [formatText(name), kind, speaks, setIn, formatText(url, 80), offers]
  })
  const head = ['CONNECTION', 'KIND', 'SPEAKS', 'SET IN', 'URL', 'OFFERS']
  return `${alignColumns([head, ...rows], columns).join('\n')}\n`
}
