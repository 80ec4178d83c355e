import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { EVENT_KINDS } from '../domain/event.ts'
import type { Endpoint } from './endpoint.ts'
import { PERMISSIONS } from './permissions.ts'
import { EXIT, PROBLEMS } from './problem.ts'
import { ENDPOINTS } from './table.ts'

const rows = Object.entries<Endpoint>(ENDPOINTS)

test('no two endpoints share method and path', () => {
  const places = rows.map(([, row]) => `${row.method} ${row.path.replace(/:[a-z]+/g, ':x')}`)
  expect(new Set(places).size).toBe(places.length)
})

test.each(rows)('%s names its path parameters in its path, and no others', (_, row) => {
  expect([...row.path.matchAll(/:([a-z]+)/g)].map((match) => match[1])).toEqual(Object.keys(row.params.shape))
})

test.each(rows)('%s has a permission and an event that exist', (_, row) => {
  expect(PERMISSIONS).toContain(row.permission)
  if (row.event !== null) expect(EVENT_KINDS).toContain(row.event)
})

test('endpoints that read write no event, and endpoints that change something do', () => {
  const silent = rows.filter(([, row]) => row.method === 'POST' && row.event === null).map(([name]) => name)
  expect(silent.toSorted()).toEqual(['checkPolicy', 'checkTask'])
  expect(rows.filter(([, row]) => row.method === 'GET' && row.event !== null)).toEqual([])
})

test('no GET has a body', () => {
  expect(rows.filter(([, row]) => row.method === 'GET' && row.body !== null)).toEqual([])
})

test('every permission is an action of the Cedar schema, and every permission is used', () => {
  const schema = readFileSync(join(import.meta.dirname, '../policy/schema.cedarschema'), 'utf8')
  for (const permission of PERMISSIONS) expect(schema).toContain(`"${permission}"`)
  expect([...new Set(rows.map(([, row]) => row.permission))].toSorted()).toEqual([...PERMISSIONS].toSorted())
})

test('every problem has an HTTP error status and an exit code that is not success', () => {
  for (const row of Object.values(PROBLEMS)) {
    expect(row.status).toBeGreaterThanOrEqual(400)
    expect([EXIT.badInput, EXIT.refused, EXIT.platformFailed]).toContain(row.exit)
  }
})
