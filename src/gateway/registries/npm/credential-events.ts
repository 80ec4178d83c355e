import type { NewEvent } from '../../../domain/event.ts'
import type { Place } from './place.ts'
import type { NpmParts } from './visit.ts'

/** Events about the credential that is sent to this place; empty if none is sent. */
export function credentialEvents({ registry, context }: NpmParts, place: Place): NewEvent[] {
  if (!registry.hasCredential(place)) return []
  const { host } = place.url
  const { id, actor } = context.run
  const body = { connection: `npm:${host}`, purpose: 'read from the registry', host }
  return [{ run: id, source: 'gateway', actor, kind: 'credential.used', body }]
}
