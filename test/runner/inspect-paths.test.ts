// The findings about protected paths in a change.
import { chmod, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { type Inspecting, openInspecting } from './inspecting.ts'

let inspecting: Inspecting
afterEach(() => inspecting[Symbol.asyncDispose]())

const link = (path: string, target: string) => symlink(target, join(inspecting.ground.fixture.work, path))
const found = async () => {
  const proposal = await inspecting.proposal()
  return (await inspecting.kept(proposal)).protectedPaths.map(({ path, kind }) => `${kind}: ${String(path)}`)
}

test('reports added, changed, removed, renamed and executable protected files with their kind', async () => {
  inspecting = await openInspecting({
    'AGENTS.md': 'a\n',
    'sub/Makefile': 'a\n',
    'x/CLAUDE.md': 'moved\n',
    '.envrc': 'x',
  })
  await inspecting.git('mv', 'x/CLAUDE.md', 'notes.md')
  await chmod(join(inspecting.ground.fixture.work, '.envrc'), 0o755)
  await inspecting.commit({
    'AGENTS.md': 'b\n',
    'sub/Makefile': null,
    '.gitea/workflows/x.yml': 'on: push\n',
    'src/ok.ts': '',
  })
  expect(await found()).toEqual([
    'toolchain: .envrc',
    'ci: .gitea/workflows/x.yml',
    'agent-steering: AGENTS.md',
    'build: sub/Makefile',
    'agent-steering: x/CLAUDE.md',
  ])
})

test('reports the target of a protected link, also through a folder and a second link', async () => {
  inspecting = await openInspecting({ 'docs/guide.md': 'a\n', 'shared/skills/a/run.sh': 'a\n', 'other/x': 'a' })
  await link('CLAUDE.md', 'docs/guide.md')
  await link('.claude', 'shared')
  await link('shared/agents', '../other')
  await inspecting.commit({})
  await inspecting.startHere()
  await inspecting.commit({ 'docs/guide.md': 'b\n', 'shared/skills/a/run.sh': 'b\n', 'other/x': 'b', 'src/x': '' })
  const proposal = await inspecting.proposal()
  expect(proposal.findings).toEqual([
    'protected path (agent-steering): docs/guide.md, which CLAUDE.md leads to',
    'protected path (agent-steering): other/x, which .claude/agents leads to',
    'protected path (agent-steering): shared/skills/a/run.sh, which .claude leads to',
  ])
})

test('reports package.json for changed scripts, not for a new version of a dependency', async () => {
  const manifest = (fields: object) => `${JSON.stringify({ name: 'x', dependencies: { a: '1' }, ...fields })}\n`
  inspecting = await openInspecting({ 'a/package.json': manifest({}), 'b/package.json': manifest({}) })
  await inspecting.commit({
    'a/package.json': manifest({ dependencies: { a: '2' } }),
    'b/package.json': manifest({ scripts: { postinstall: 'x' } }),
    'c/package.json': '<<<<<<<\n',
  })
  expect(await found()).toEqual(['package-scripts: b/package.json', 'package-scripts: c/package.json'])
})

test('reports a link or a submodule in place of a protected folder', async () => {
  inspecting = await openInspecting()
  await link('.github', 'elsewhere')
  const head = await inspecting.git('rev-parse', 'HEAD')
  await inspecting.git('update-index', '--add', '--cacheinfo', `160000,${head},.claude`)
  await inspecting.git('add', '.github')
  await inspecting.git('commit', '--quiet', '-m', 'links')
  expect(await found()).toEqual(['agent-steering: .claude', 'agent-steering: .github'])
})

test('reports kinds of the configuration, and keeps long lists whole in the blob', async () => {
  inspecting = await openInspecting()
  await inspecting.commit(Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`db/migrations/${at}.sql`, 'x'])))
  const protectedPaths = [{ kind: 'database', why: 'runs in production', paths: ['db/migrations/'] }]
  const proposal = await inspecting.proposal({ protectedPaths })
  expect(proposal.protectedPaths).toHaveLength(60)
  expect(proposal.findings.at(-1)).toBe('protected path (database): and 35 more')
  const { findings } = await inspecting.kept(proposal)
  expect(findings).toMatchObject([{ kind: 'protected path (database)' }])
  expect(findings[0]?.lines).toHaveLength(60)
})
