// The house as a test: which room may import which (design section 4), and the habits that are cheap to check.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

/** Room -> rooms it may import. `x/types` is the seam of an adapter room: its types.ts alone. */
const ALLOWED: Record<string, readonly string[]> = {
  // Completion reads names without the rest of the house, because it has to answer at the press of a key.
  main: ['cli', 'config', 'context', 'store'],
  cli: [
    'contract',
    'services/types',
    'context',
    'config',
    'policy',
    'server',
    'sockets',
    'data-folder',
    'disk',
    'domain',
  ],
  server: ['services/types', 'contract', 'sockets', 'domain'],
  services: [
    'runner',
    'gateway/types',
    'sandbox/types',
    'agents/types',
    'forges/types',
    'identity',
    'credentials/types',
    'ledger',
    'store/types',
    'policy',
    'advisories',
    'git',
    'disk',
    'contract',
    'domain',
  ],
  runner: [
    'gateway',
    'sandbox/types',
    'agents/types',
    'forges/types',
    'store/types',
    'policy',
    'advisories',
    'git',
    'sockets',
    'disk',
    'domain',
  ],
  gateway: ['advisories', 'git', 'credentials/types', 'store/types', 'policy/types', 'outgoing', 'domain'],
  sockets: [],
  disk: ['domain'],
  sandbox: ['domain'],
  agents: ['domain'],
  credentials: ['outgoing', 'domain', 'store/types'],
  forges: ['git', 'domain'],
  advisories: ['domain'],
  git: ['domain'],
  store: ['domain'],
  policy: ['domain'],
  contract: ['domain'],
  outgoing: [],
  config: ['outgoing', 'domain'],
  'data-folder': ['git'],
  domain: [],
}

interface Import {
  file: string
  room: string
  target: string
}

const files = globSync('src/**/*.ts', { cwd: ROOT }).filter((file) => !file.endsWith('.test.ts'))

function roomOf(file: string): string {
  const parts = relative('src', file).split('/')
  return parts.length === 1 ? (parts[0] as string).replace(/\.ts$/, '') : (parts[0] as string)
}

function relativeImports(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => match[1] as string)
  return specifiers.map((specifier) => join(dirname(file), specifier))
}

function importsOf(file: string): Import[] {
  const targets = relativeImports(file).filter((target) => target.startsWith('src/'))
  return targets.map((target) => ({ file, room: roomOf(file), target }))
}

function mayImport({ room, target }: Import): boolean {
  const targetRoom = roomOf(target)
  if (room === 'context' || room === targetRoom) return true
  const allowed = ALLOWED[room] ?? []
  return (
    allowed.includes(targetRoom) || (allowed.includes(`${targetRoom}/types`) && target === `src/${targetRoom}/types.ts`)
  )
}

/** Groups of files of which each can be reached from each other: Tarjan's strongly connected components. */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const path: string[] = []
  const found: string[][] = []
  const visit = (file: string): number => {
    index.set(file, index.size)
    low.set(file, index.get(file)!)
    path.push(file)
    for (const target of graph.get(file) ?? []) {
      if (!graph.has(target)) continue
      if (!index.has(target)) low.set(file, Math.min(low.get(file)!, visit(target)))
      else if (path.includes(target)) low.set(file, Math.min(low.get(file)!, index.get(target)!))
    }
    if (low.get(file) === index.get(file)) {
      const group = path.splice(path.indexOf(file))
      if (group.length > 1) found.push(group)
    }
    return low.get(file)!
  }
  for (const file of graph.keys()) if (!index.has(file)) visit(file)
  return found
}

/** Where such a key is one of a table of ours, or a parser of JSON keeps any key as the object's own and none else. */
const KEYS_OF_OURS: ReadonlySet<string> = new Set([
  ...['src/domain/own.ts', 'src/server/app.ts', 'src/contract/client.ts', 'src/config/read-environment.ts'],
  ...['src/config/read-outgoing.ts', 'src/store/rows/record-columns.ts', 'src/store/store-error.ts'],
  ...['src/gateway/model/request/request-rules.ts', 'src/gateway/model/answer/read-answer.ts'],
  'src/domain/inspection/locks/compare-locks.ts',
  ...['src/agents/account/read-input.ts', 'src/domain/task/fill-prompt.ts', 'src/domain/task/task-rules.ts'],
  // It writes, and the schema of a task knows the name.
  'src/domain/task/plan-steps.ts',
])

const BY_NAME = /(?<![\w.])[a-z]\w*(\.\w+)*\[(name|key|label|word|variable|field|group|state|metric|header)\]/
const IN_OBJECT = /\((?!const )[a-z]\w*(\.\w+)* in [A-Za-z_.]+\)/

function looseLookups(file: string): string[] {
  const lines = readFileSync(join(ROOT, file), 'utf8').split('\n')
  const loose = lines.filter((line) => !/^\s*(\/\/|\*)/.test(line) && (BY_NAME.test(line) || IN_OBJECT.test(line)))
  return loose.map((line) => `${file}: ${line.trim()}`)
}

describe('the house', () => {
  test('every room has a row in the table', () => {
    const rooms = new Set(files.map(roomOf))
    rooms.delete('context')
    expect([...rooms].filter((room) => !(room in ALLOWED))).toEqual([])
  })

  test('imports point downwards', () => {
    const bad = files.flatMap(importsOf).filter((entry) => !mayImport(entry))
    expect(bad.map((entry) => `${entry.file} -> ${entry.target}`)).toEqual([])
  })

  test('no files import each other in a circle', () => {
    expect(circles(new Map(files.map((file) => [file, relativeImports(file)])))).toEqual([])
  })

  // `record[name]` finds what every object has, such as `constructor`, as if somebody had put it there: own() does not.
  test('a key that may come from outside is looked up with own()', () => {
    const found = files.filter((file) => !KEYS_OF_OURS.has(file)).flatMap((file) => looseLookups(file))
    expect(found).toEqual([])
  })

  test('the domain does no I/O and asks no clock', () => {
    const bad = files
      .filter((file) => roomOf(file) === 'domain')
      .filter((file) =>
        /from 'node:|Date\.now|new Date\(\)|Math\.random|\bprocess\.(env|cwd|pid|argv|std|hrtime|platform|exit\b)/.test(
          readFileSync(join(ROOT, file), 'utf8'),
        ),
      )
    expect(bad).toEqual([])
  })
})

// The built-in agent runs inside the sandbox: it must not need anything that is not mounted there, and the platform must
// not run its code.
describe('the agent inside', () => {
  const inside = globSync('agent/**/*.ts', { cwd: ROOT }).filter((file) => !file.endsWith('.test.ts'))

  test('imports nothing of the house, and the house nothing of it', () => {
    const leaving = inside.flatMap((file) =>
      relativeImports(file)
        .filter((target) => !target.startsWith('agent/'))
        .map((target) => `${file} -> ${target}`),
    )
    const entering = files.flatMap((file) => relativeImports(file).filter((target) => target.startsWith('agent/')))
    expect({ files: inside.length > 0, leaving, entering }).toEqual({ files: true, leaving: [], entering: [] })
  })

  test('imports only the packages that its manifest names', () => {
    const manifest = JSON.parse(readFileSync(join(ROOT, 'agent/package.json'), 'utf8')) as { dependencies: object }
    const used = new Set(
      inside
        .flatMap((file) => [...readFileSync(join(ROOT, file), 'utf8').matchAll(/from '([^.'][^']*)'/g)])
        .map((match) => match[1] as string)
        .filter((name) => !name.startsWith('node:'))
        .map((name) =>
          name
            .split('/')
            .slice(0, name.startsWith('@') ? 2 : 1)
            .join('/'),
        ),
    )
    expect([...used].toSorted()).toEqual(Object.keys(manifest.dependencies).toSorted())
  })

  test('looks at its environment for its settings and for its commands only; no file over 400 lines', () => {
    const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8')
    const readers = inside.filter((file) => /process\.env/.test(read(file)))
    expect(readers).toEqual(['agent/main.ts', 'agent/tools/shell.ts'])
    expect(inside.filter((file) => read(file).split('\n').length > 400)).toEqual([])
  })
})

describe('habits', () => {
  test('only src/config reads the environment', () => {
    expect(filesWith(/process\.env/, (file) => roomOf(file) === 'config')).toEqual([])
  })

  test('only src/git spawns git on the host', () => {
    expect(filesWith(/(spawn|execFile|exec)(Sync)?\(\s*'git'/, (file) => roomOf(file) === 'git')).toEqual([])
  })

  test('only src/store speaks SQL', () => {
    expect(filesWith(/from '(node:sqlite|kysely)'/, (file) => roomOf(file) === 'store')).toEqual([])
  })

  test('no command line is joined into a string for a shell', () => {
    expect(filesWith(/shell:\s*true|\bexec(Sync)?\(/, () => false)).toEqual([])
  })

  test('no process.exit outside main, no file over 400 lines', () => {
    expect(filesWith(/process\.exit\(/, (file) => file === 'src/main.ts')).toEqual([])
    const long = files.filter((file) => readFileSync(join(ROOT, file), 'utf8').split('\n').length > 400)
    expect(long).toEqual([])
  })
})

function filesWith(pattern: RegExp, excused: (file: string) => boolean): string[] {
  return files.filter((file) => !excused(file) && pattern.test(withoutRegexExec(file)))
}

/** `pattern.exec(text)` and `db.exec(sql)` are no child processes. */
function withoutRegexExec(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8').replace(/\.exec\(/g, '.match(')
}
