// Writes the pages of docs/ that are made from the code, so that both say the same. With --check: says what is stale.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { apiPage } from './docs/api-page.ts'
import { configurationPage } from './docs/configuration-page.ts'
import { eventsPage } from './docs/events-page.ts'
import { tasksPage } from './docs/tasks-page.ts'

const DOCS = join(import.meta.dirname, '../docs')
const PAGES = {
  'api.md': apiPage,
  'configuration.md': configurationPage,
  'events.md': eventsPage,
  'tasks.md': tasksPage,
}

const stale = Object.entries(PAGES)
  .map(([name, page]) => ({ name, path: join(DOCS, name), text: page() }))
  .filter(({ path, text }) => current(path) !== text)

if (process.argv.includes('--check')) {
  for (const { name } of stale) console.error(`docs/${name} is stale: run \`npm run docs\``)
  process.exitCode = stale.length > 0 ? 1 : 0
} else {
  for (const { path, text } of stale) writeFileSync(path, text)
}

function current(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
