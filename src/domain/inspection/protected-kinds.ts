// The kinds of protected paths: files that control programs and people on other machines, so that a reviewer must see each
// change of them. Patterns have the syntax of .gitignore: with a slash before its end a pattern matches from the top, else
// at any depth. A folder includes everything below it. docs/inspection.md shows this table.
import { z } from 'zod'
import { PatternText } from './path-pattern.ts'

const KindName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'lowercase letters, digits and dashes, starting with a letter')

export const ProtectedKind = z.strictObject({
  kind: KindName,
  why: z.string().min(1).max(300).describe('effect that a change of such a file can have'),
  paths: z.array(PatternText).min(1).max(1000).describe('patterns in the syntax of .gitignore'),
})
export type ProtectedKind = z.infer<typeof ProtectedKind>

export const AddedKind = ProtectedKind.omit({ kind: true }).extend({
  why: ProtectedKind.shape.why.default('protected by the configuration'),
})

/** The kinds of the configuration by name. Under the name of a built-in kind, the paths are added to that kind. */
export const AddedKinds = z.record(KindName, AddedKind)
export type AddedKinds = z.infer<typeof AddedKinds>

/** A row of the built-in table, with fields that the configuration cannot set. */
export interface BuiltInKind extends ProtectedKind {
  /** Names that match only files, at any depth, because they are also common names of folders. */
  files?: readonly string[]
  /** From the name of a JSON file to its harmless fields: the file counts only if another field changes. */
  harmless?: Readonly<Record<string, ReadonlySet<string>>>
}

const list = (text: string): string[] => text.trim().split(/\s+/)

const NPM_HARMLESS = new Set(
  list(`name version description keywords homepage bugs license author contributors maintainers funding repository
    main module browser exports types typings bin man files type private sideEffects
    dependencies devDependencies peerDependencies peerDependenciesMeta optionalDependencies bundleDependencies
    bundledDependencies overrides resolutions engines os cpu libc`),
)
const COMPOSER_HARMLESS = new Set(
  list(`name description version type keywords homepage readme time license authors support funding require
    require-dev conflict replace provide suggest abandoned minimum-stability prefer-stable`),
)

export const PROTECTED_KINDS: readonly BuiltInKind[] = [
  {
    kind: 'agent-steering',
    why: 'coding agents take instructions, tools and permissions from it',
    paths: list(`
      AGENTS.md AGENTS.*.md AGENT.md CLAUDE.md CLAUDE.*.md GEMINI.md QWEN.md WARP.md CRUSH.md IFLOW.md SKILL.md replit.md /skills/ .agents/ .agent/
      .claude/ .claude-plugin/ .claude.json .cursor/ .cursorrules .cursorignore .cursorindexingignore .windsurf* .codeium/
      .cline* .roo* .kilocode* .continue* .aider* .codex/ .gemini/ .geminiignore .qwen/ .opencode/ opencode.json
      opencode.jsonc .mcp.json mcp.json .mcp/ .vscode/mcp.json .github/copilot* .github/instructions/ .github/prompts/
      .github/chatmodes/ .github/agents/ .github/skills/ .github/hooks/ .copilot/ *.agent.md *.prompt.md *.instructions.md
      *.chatmode.md .junie/ .aiassistant/ .aiignore .augment* .amazonq/ .kiro/ .trae/ .goose* .devin/ .zed/ .rules
      .openhands* .amp/ .factory/ crush.json .crush* .tabnine* .sourcegraph/ .cody* .idx/ .antigravity/ .ruler/ .rulesync/
      rulesync.jsonc .firebender/ firebender.json .codebuddy/ .grok/ .iflow/ .ai/ .coderabbit.y*ml greptile.json
      .pr_agent.toml .gitlab/duo/ .sweep.y*ml sweep.y*ml ellipsis.y*ml .bugbot/`),
  },
  {
    kind: 'ci',
    why: "a CI system or a bot executes it with the project's credentials",
    paths: list(`
      .github/workflows/ .github/actions/ action.yml action.yaml .gitlab-ci* *.gitlab-ci.y*ml .gitlab/ .forgejo/ .gitea/
      Jenkinsfile* *.jenkinsfile .jenkins/ .jenkins-x/ azure-pipelines* .azure-pipelines* .azuredevops/ .vsts* .circleci/
      bitbucket-pipelines* .drone* .woodpecker* .buildkite/ buildkite.y*ml .travis* appveyor* .appveyor* .cirrus*
      cloudbuild*.yaml cloudbuild*.yml cloudbuild*.json buildspec*.y*ml codeship-* .teamcity/ .semaphore/ .tekton/ .dagger/
      dagger.json bitrise.y*ml codemagic.y*ml wercker.y*ml shippable.y*ml .shippable.y*ml .zuul* zuul.* *.gocd.*
      screwdriver.y*ml .build.yml .builds/ Earthfile .ci/ .evergreen* .taskcluster.yml .prow* .packit* .copr/ netlify.toml
      vercel.json .onedev-buildspec* .space.kts .harness/ .werft/ .concourse/ .vela* .argo/ renovate.json* .renovaterc*
      .github/renovate* .github/dependabot* .dependabot/ .mergify* .github/mergify* .kodiak* .github/.kodiak* bors.toml
      .bulldozer* .releaserc* release-please-config.json .release-it* .goreleaser*`),
  },
  {
    kind: 'package-scripts',
    why: 'a package manager runs its scripts on install, test and publish, and loads what its fields name',
    paths: list(`package.json package.json5 package.yaml composer.json deno.json deno.jsonc`),
    harmless: { 'package.json': NPM_HARMLESS, 'composer.json': COMPOSER_HARMLESS },
  },
  {
    kind: 'package-manager',
    why: 'it chooses where packages come from, or is code that a package manager loads',
    paths: list(`
      .npmrc .yarnrc* .yarn/ .pnp.* .pnpmfile.* pnpmfile.* pnpm-workspace.y*ml bunfig.toml .bunfig.toml lerna.json
      rush.json common/config/rush/ .bowerrc node_modules/ patches/*.patch .gemrc .bundle/ pip.conf pip.ini .pypirc .condarc
      nuget.config .nuget/ auth.json .netrc uv.toml poetry.toml Pipfile .cargo/ .m2/ .ivy2/ .coursierrc .config/pip/`),
  },
  {
    kind: 'build',
    why: 'a build, a test run or an interpreter executes it, or loads what it names',
    paths: list(`
      Makefile Makefile.* GNUmakefile *.mk *.mak justfile .justfile *.just Taskfile*.y*ml /tasks.py fabfile.py dodo.py
      setup.py setup.cfg pyproject.toml hatch_build.py conftest.py pytest.ini .pytest.ini sitecustomize.py usercustomize.py
      *.pth tox.ini noxfile.py SConstruct SConscript wscript pom.xml .mvn/ mvnw* *.gradle *.gradle.kts gradle.properties
      gradle/wrapper/ gradle/*.toml gradlew* buildSrc/ build-logic/ build.sbt project/*.sbt project/build.properties *.sbt
      build.sc build.mill build.xml .bazelrc *.bazelrc .bazelversion BUILD.bazel WORKSPACE.bazel
      MODULE.bazel *.bzl .buckconfig build.rs Cargo.toml build.zig build.zig.zon meson.build CMakeLists.txt *.cmake
      CMakePresets.json CMakeUserPresets.json configure.ac configure.in *.am *.m4 autogen.sh binding.gyp *.gyp
      *.gypi *.vcxproj *.vcxproj.user *.csproj *.csproj.user *.fsproj *.vbproj *.proj *.props *.targets *.sln Rakefile *.rake
      *.gemspec Gemfile extconf.rb Guardfile Capfile Thorfile Brewfile Podfile Dangerfile fastlane/ Package.swift mix.exs
      rebar.config* project.clj deps.edn shadow-cljs.edn Setup.hs *.cabal stack.yaml dune-project *.opam Makefile.PL
      Build.PL cpanfile .Rprofile .Renviron renv/activate.R go.work magefile.go magefiles/ gulpfile.* Gruntfile.* *.config.js
      *.config.cjs *.config.mjs *.config.ts *.config.cts *.config.mts karma.conf.* .babelrc* .eslintrc* .prettierrc*
      .stylelintrc* .mocharc* .nycrc* .swcrc nx.json turbo.json angular.json tsconfig.json jest.config.json Procfile`),
    files: list(`BUILD WORKSPACE BUCK TARGETS configure dune`),
  },
  {
    kind: 'git-hooks',
    why: 'git runs it on the machine of everyone who commits',
    paths: list(`
      .pre-commit-config.y*ml .pre-commit-hooks.y*ml .husky* lefthook* .lefthook* .githooks/ githooks/ .git-hooks/ .hooks/
      .overcommit* .lintstagedrc* lint-staged.* .simple-git-hooks* simple-git-hooks.* .commitlintrc* captainhook.json
      grumphp.y*ml .cargo-husky/ .rusty-hook.toml`),
  },
  {
    kind: 'git',
    why: 'git takes filters, merge drivers and addresses of other repositories from it',
    paths: list(`.gitattributes .gitmodules .gitconfig .lfsconfig .gitreview`),
  },
  {
    kind: 'review-rules',
    why: 'the forge reads from it who must approve a change',
    paths: list(`
      CODEOWNERS OWNERS_ALIASES .github/settings.y*ml .github/rulesets/ .asf.yaml .policy.yml .pullapprove.y*ml .lgtm.y*ml`),
    files: list(`OWNERS`),
  },
  {
    kind: 'container',
    why: 'a container or a machine is made from it',
    paths: list(`
      Dockerfile* *.Dockerfile Containerfile* .dockerignore docker-compose* compose.y*ml compose.*.y*ml docker-bake.*
      .devcontainer* devcontainer.json .gitpod* devfile.y*ml .devfile.y*ml Vagrantfile *.pkr.hcl Tiltfile skaffold.y*ml`),
  },
  {
    kind: 'editor',
    why: 'an editor runs the tasks or programs that it names',
    paths: list(`
      .vscode/ *.code-workspace .idea/ .run/ .fleet/ .theia/ .vs/ *.sublime-project .vim/ .nvim* .exrc .vimrc .gvimrc
      .lvimrc .dir-locals*.el .settings/ .externalToolBuilders/ *.xcodeproj/ *.xcworkspace/ *.xcscheme`),
  },
  {
    kind: 'toolchain',
    why: 'a shell, a debugger or a version manager loads it when a user enters the folder',
    paths: list(`
      .envrc* .env .env.* .direnv/ .autoenv* .tool-versions mise.toml mise.*.toml .mise* .rtx* .config/mise* /mise/ .mise/
      .nvmrc .node-version .python-version .ruby-version .java-version .go-version .swift-version .terraform-version .sdkmanrc
      .asdfrc rust-toolchain rust-toolchain.toml global.json flake.nix shell.nix default.nix devenv.* devbox.json .bashrc
      .bash_profile .profile .zshrc .zshenv .zprofile .inputrc .gdbinit .lldbinit .pdbrc .irbrc .pryrc .pythonrc* .curlrc
      .wgetrc .tmux.conf .screenrc .ssh/ desktop.ini autorun.inf *.desktop`),
  },
  {
    kind: 'glovebox',
    why: 'later runs take their tasks from it',
    paths: list(`/.glovebox/`),
  },
]

/** The rows that the configuration adds. It cannot remove a row. */
export function addedRows(added: AddedKinds): ProtectedKind[] {
  return Object.entries(added).map(([kind, { why, paths }]) => ({ kind, why, paths }))
}
