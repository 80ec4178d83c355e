import { describe, expect, test } from 'vitest'
import { changedFields } from './changed-fields.ts'
import { AddedKinds, addedRows, PROTECTED_KINDS, ProtectedKind } from './protected-kinds.ts'
import { protectionBy } from './protected-paths.ts'

const find = protectionBy([])
const kindOf = (path: string) => find(Buffer.from(path))?.kind ?? null

const EXAMPLES: Record<string, string> = {
  'agent-steering': `AGENTS.md sub/AGENTS.md AGENT.md CLAUDE.md CLAUDE.local.md GEMINI.md .claude/settings.json
    sub/.claude/agents/x.md .cursor/mcp.json .cursorrules .windsurfrules .windsurf/rules/x.md .clinerules .clinerules/x.md
    .roo/rules/a.md .roomodes .aider.conf.yml .continue/config.yaml .junie/guidelines.md .codex/config.toml
    .gemini/settings.json .opencode/agent/x.md opencode.json .mcp.json .vscode/mcp.json .github/copilot-instructions.md
    .github/instructions/x.md .github/prompts/x.prompt.md tools/x/SKILL.md .goosehints .kiro/steering/x.md .rules`,
  ci: `.github/workflows/ci.yml .github/actions/x/action.yml action.yml .gitlab-ci.yml .gitlab/ci/deploy.yml
    ci/build.gitlab-ci.yml .forgejo/workflows/x.yml .gitea/workflows/x.yml Jenkinsfile Jenkinsfile.release
    azure-pipelines.yml azure-pipelines-release.yml .azure-pipelines/x.yml .circleci/config.yml bitbucket-pipelines.yml
    .drone.yml .woodpecker.yml .woodpecker/x.yml .buildkite/pipeline.yml .travis.yml appveyor.yml .cirrus.yml
    cloudbuild.yaml .teamcity/settings.kts .semaphore/semaphore.yml .tekton/x.yaml dagger.json renovate.json
    .github/renovate.json5 .github/dependabot.yml`,
  'package-scripts': 'package.json packages/a/package.json composer.json deno.json package.yaml',
  'package-manager': `.npmrc sub/.npmrc .yarnrc .yarnrc.yml .yarn/plugins/x.cjs .yarn/releases/yarn.cjs .pnpmfile.cjs
    pnpm-workspace.yaml bunfig.toml .cargo/config.toml node_modules/x/index.js node_modules/x/package.json pip.conf`,
  build: `Makefile sub/GNUmakefile rules.mk justfile Taskfile.yml setup.py setup.cfg pyproject.toml sub/conftest.py
    sitecustomize.py lib/evil.pth tox.ini noxfile.py pom.xml .mvn/extensions.xml build.gradle sub/build.gradle.kts
    settings.gradle init.gradle gradle.properties gradle/wrapper/gradle-wrapper.jar build.rs CMakeLists.txt Rakefile
    Gemfile binding.gyp native.vcxproj vitest.config.ts .eslintrc.cjs BUILD`,
  'git-hooks':
    '.pre-commit-config.yaml .husky/pre-commit lefthook.yml .lefthook.toml .githooks/pre-push .lintstagedrc.json',
  git: '.gitattributes sub/.gitattributes .gitmodules .lfsconfig',
  'review-rules': 'CODEOWNERS docs/CODEOWNERS .github/CODEOWNERS .gitlab/CODEOWNERS OWNERS',
  container: `Dockerfile Dockerfile.dev prod.dockerfile Containerfile docker-compose.yml compose.yaml compose.prod.yml
    .devcontainer/devcontainer.json .devcontainer.json Vagrantfile`,
  editor:
    '.vscode/tasks.json .vscode/launch.json .vscode/settings.json app.code-workspace .idea/runConfigurations/x.xml',
  toolchain: '.envrc .env.production .tool-versions mise.toml .mise.toml .nvmrc rust-toolchain.toml flake.nix .gdbinit',
  glovebox: '.glovebox/tasks/x.yaml',
}

describe('the built-in table', () => {
  test('has a row for each example, and each row is well formed', () => {
    expect(PROTECTED_KINDS.map(({ kind }) => kind)).toEqual(Object.keys(EXAMPLES))
    for (const { kind, why, paths } of PROTECTED_KINDS) expect(ProtectedKind.parse({ kind, why, paths })).toBeDefined()
  })

  test.each(Object.entries(EXAMPLES).flatMap(([kind, paths]) => paths.split(/\s+/).map((path) => [path, kind])))(
    '%s is protected (%s)',
    (path, kind) => expect([kind, 'ci']).toContain(kindOf(path)),
  )

  test.each([
    'src/workflows/x.yml',
    'src/codeowners.ts',
    'README.md',
    'build/output.js',
    'src/owners/list.ts',
    'src/index.ts',
    'docs/agents/overview.md',
    'workspace/notes.txt',
    'package-lock.json',
    'src/claude.ts',
    'lib/tasks.py',
  ])('%s is not', (path) => expect(kindOf(path)).toBeNull())
})

test('counts a link or a submodule in place of a folder above protected paths', () => {
  expect(find(Buffer.from('.github'))).toBeNull()
  expect(find(Buffer.from('.github'), { isLink: true })?.kind).toBe('agent-steering')
  expect(find(Buffer.from('.claude'), { isLink: true })?.kind).toBe('agent-steering')
  expect(find(Buffer.from('src'), { isLink: true })).toBeNull()
})

describe('kinds that the configuration adds', () => {
  const added = (value: unknown) => protectionBy(addedRows(AddedKinds.parse(value)))

  test('can be new, and can extend a built-in kind', () => {
    const both = added({
      database: { paths: ['db/migrations/', 'schema.sql'], why: 'runs in production' },
      'agent-steering': { paths: ['PROMPTS.md'] },
    })
    expect(both(Buffer.from('db/migrations/1.sql'))).toMatchObject({ kind: 'database', why: 'runs in production' })
    expect(both(Buffer.from('x/schema.sql'))?.kind).toBe('database')
    expect(both(Buffer.from('PROMPTS.md'))?.kind).toBe('agent-steering')
    expect(both(Buffer.from('CLAUDE.md'))?.kind).toBe('agent-steering')
  })

  test('cannot remove a path, and can have a name that objects inherit', () => {
    expect(AddedKinds.safeParse({ git: { paths: ['!.gitattributes'] } }).success).toBe(false)
    expect(AddedKinds.safeParse({ git: { paths: [] } }).success).toBe(false)
    expect(added({ constructor: { paths: ['x.txt'] } })(Buffer.from('x.txt'))?.kind).toBe('constructor')
  })
})

describe('package.json', () => {
  const before = JSON.stringify({ name: 'x', version: '1.0.0', scripts: { test: 'vitest' }, dependencies: { a: '1' } })
  const harmless = find(Buffer.from('packages/x/package.json'))?.harmless
  const isHarmless = (after: string | null, from: string | null = before) =>
    changedFields(from, after)?.every((field) => harmless?.has(field)) ?? false
  const withField = (field: object) => JSON.stringify({ ...(JSON.parse(before) as object), ...field })

  test('a new version of a dependency is harmless; scripts and fields that programs load are not', () => {
    expect(isHarmless(withField({ dependencies: { a: '2' }, version: '1.0.1' }))).toBe(true)
    for (const field of [
      { scripts: { test: 'vitest', postinstall: 'x' } },
      { husky: { hooks: {} } },
      { 'lint-staged': {} },
      { pnpm: { onlyBuiltDependencies: ['x'] } },
      { trustedDependencies: ['x'] },
      { packageManager: 'yarn@https://evil.example/yarn.js' },
      { workspaces: ['x'] },
      { eslintConfig: { plugins: ['x'] } },
      { gypfile: true },
      { config: {} },
    ])
      expect(isHarmless(withField(field)), JSON.stringify(field)).toBe(false)
  })

  test('an unreadable file is not harmless; a new file without scripts is', () => {
    for (const text of ['', '[]', '{', 'null', '<<<<<<< HEAD', `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`])
      expect(isHarmless(text), text.slice(0, 10)).toBe(false)
    expect(isHarmless('{"name":"x"}', null)).toBe(true)
    expect(isHarmless('{"name":"x","scripts":{"install":"x"}}', null)).toBe(false)
    expect(isHarmless(null)).toBe(false)
    expect(isHarmless('{"__proto__":{"x":1}}', '{}')).toBe(false)
  })
})
