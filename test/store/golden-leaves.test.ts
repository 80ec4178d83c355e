// The bytes that the ledger hashes, for one event of each kind. They may change only on purpose: what has been signed must
// have the same leaf for ever. After a change that was meant, UPDATE_GOLDEN_LEAVES=1 writes the file anew.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { canonicalJson, eventLeaf } from '../../src/domain/canonical.ts'
import { EVENT_BODIES, EVENT_KINDS } from '../../src/domain/event.ts'
import type { Event, EventKind, NewEvent } from '../../src/domain/event.ts'
import { prepareEvent } from '../../src/store/events/prepare-event.ts'
import { exampleOf } from './example-of.ts'

const FILE = join(import.meta.dirname, 'golden-leaves.jsonl')
const IDS = { now: () => 1_800_000_000_000, random: (bytes: number) => new Uint8Array(bytes).fill(7) }

function leafOf(kind: EventKind): string {
  const given = {
    run: '0123456789abcdefghj0',
    source: 'platform',
    actor: { id: 'user:ada' },
    kind,
    body: exampleOf(EVENT_BODIES[kind]),
  } as NewEvent
  const { event, head, tail } = prepareEvent(given, IDS)
  const leaf = `${head}3${tail}`
  expect(new TextDecoder().decode(eventLeaf({ ...event, seq: 3 } as Event))).toBe(leaf)
  return leaf
}

if (process.env['UPDATE_GOLDEN_LEAVES'] === '1')
  writeFileSync(
    FILE,
    EVENT_KINDS.toSorted()
      .map((kind) => `${leafOf(kind)}\n`)
      .join(''),
  )

const golden = new Map(
  readFileSync(FILE, 'utf8')
    .trimEnd()
    .split('\n')
    .map((leaf) => [(JSON.parse(leaf) as Event).kind, leaf]),
)

test.each(EVENT_KINDS)('the leaf of %s has not changed', (kind) => {
  expect(leafOf(kind)).toBe(golden.get(kind))
})

test('there is one golden leaf for each kind of event, and none for others', () => {
  expect([...golden.keys()].toSorted()).toEqual([...EVENT_KINDS].toSorted())
})

test('each golden leaf is canonical', () => {
  for (const leaf of golden.values()) expect(canonicalJson(JSON.parse(leaf))).toBe(leaf)
})
