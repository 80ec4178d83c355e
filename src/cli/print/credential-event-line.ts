// Trace lines for changes of credentials and connections.
import type { CREDENTIAL_EVENTS } from '../../domain/events/credentials.ts'
import type { EventBody } from '../../domain/event.ts'
import { formatText } from '../arguments/command-line.ts'
import { countOf } from '../text/quantities.ts'

type Lines = { readonly [K in keyof typeof CREDENTIAL_EVENTS]: (body: EventBody<K>) => string }

export const DESCRIBE_CREDENTIALS: Lines = {
  'credential.set': (body) =>
    `${formatText(body.credential)} ${body.replaced ? 'replaced' : 'added'}, under key ${formatText(body.key)}`,
  'credential.removed': (body) => formatText(body.credential),
  'credentials.rotated': (body) =>
    `${countOf(body.credentials, 'credential')} from ${formatText(body.from.join(', ') || 'no key')} to ${formatText(body.to)}`,
  'connection.set': (body) =>
    `${formatText(body.connection)} ${body.replaced ? 'replaced' : 'added'}: ${formatText(body.provider ?? body.kind)} at ${formatText(body.url, 200)}${body.models === undefined ? '' : `, ${countOf(body.models.length, 'model')}`}`,
  'connection.removed': (body) => formatText(body.connection),
}
