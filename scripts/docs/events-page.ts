// Generator of docs/events.md.
import type { z } from 'zod'
import { EventEnvelope } from '../../src/domain/event.ts'
import { AGENT_EVENTS, ASK_EVENTS } from '../../src/domain/events/agent.ts'
import { CREDENTIAL_EVENTS } from '../../src/domain/events/credentials.ts'
import { GATEWAY_EVENTS } from '../../src/domain/events/gateway.ts'
import { KERNEL_EVENTS } from '../../src/domain/events/kernel.ts'
import { MODEL_EVENTS } from '../../src/domain/events/model.ts'
import { PLATFORM_EVENTS } from '../../src/domain/events/platform.ts'
import { fieldTable, schemaOf } from './field-table.ts'

export function eventsPage(): string {
  return `# Events

The record of a run is a sequence of events. This page is generated from \`src/domain/events/\`; edit the types there.

Every event has the same envelope. Its canonical JSON (RFC 8785) is a leaf of the ledger and at most 65,535 bytes;
larger values are blobs, named by their SHA-256. Paths and arguments are bytes: a string where they are UTF-8 text,
\`{"base64": "…"}\` where they are not.

${fieldTable(schemaOf(EventEnvelope))}

\`source\` names the part that attests the event: \`kernel\` (the guest, from the kernel), \`gateway\`, \`platform\` or \`agent\`.

${section('From the kernel', KERNEL_EVENTS)}
${section('From the gateway', { ...GATEWAY_EVENTS, ...MODEL_EVENTS })}
${section('From the platform', { ...PLATFORM_EVENTS, ...CREDENTIAL_EVENTS, ...ASK_EVENTS })}
${section('From the agent', AGENT_EVENTS)}`
}

function section(title: string, kinds: Record<string, z.ZodType>): string {
  const entries = Object.entries(kinds).map(([kind, schema]) => {
    const json = schemaOf(schema)
    return `### \`${kind}\`\n\n${json.description ?? ''}.\n\n${fieldTable(json)}\n`
  })
  return [`## ${title}\n`, ...entries].join('\n')
}
