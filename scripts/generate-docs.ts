// Generates the pages of docs/ that come from the code. With --check: only reports stale pages.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { apiPage } from './docs/api-page.ts'
import { configurationPage } from './docs/configuration-page.ts'
import { eventsPage } from './docs/events-page.ts'
import { withHostileTable } from './docs/hostile-table.ts'
import { withKindsTable } from './docs/kinds-table.ts'
import { tasksPage } from './docs/tasks-page.ts'

const DOCS = join(import.meta.dirname, '../docs')
const PAGES = {
  'api.md': apiPage,
  'configuration.md': configurationPage,
  'events.md': eventsPage,
  'inspection.md': withKindsTable,
  'tasks.md': tasksPage,
  'threat-model.md': withHostileTable,
} satisfies Record<string, (current: string) => string | Promise<string>>

const pages = await Promise.all(
  Object.entries(PAGES).map(async ([name, page]) => {
    const path = join(DOCS, name)
    const text = current(path)
    return { name, path, current: text, made: await page(text ?? '') }
  }),
)
const stale = pages.filter(({ current, made }) => current !== made)

if (process.argv.includes('--check')) {
  for (const { name } of stale) console.error(`docs/${name} is stale: run \`npm run docs\``)
  process.exitCode = stale.length > 0 ? 1 : 0
} else {
  for (const { path, made } of stale) writeFileSync(path, made)
}

function current(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
