// Runs the steps of a built-in task as the runner does, with the real npm and git, in a clone of the test's repository. It
// uses no sandbox, since all packages belong to the test.
import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { parseTask } from '../../src/domain/task/parse-task.ts'
import { conditionHolds, planSteps, type PlannedCommand, resolveInputs } from '../../src/domain/task/plan-steps.ts'

const PROJECT = join(import.meta.dirname, '../..')
const run = promisify(execFile)

export interface TaskOutcome {
  succeeded: boolean
  /** Exit code and output of each step that ran, by name. */
  steps: Record<string, { code: number; output: string }>
  /** Reads a file of the clone after the run. */
  file(name: string): string
  artifact(name: string): string
  /** Output of `git status --short`: paths that differ from the commit. */
  changed: string
}

export interface TaskWorld {
  folder: string
  registry: string
}

export async function makeRepository(
  world: TaskWorld,
  files: Record<string, unknown>,
  npm: readonly (readonly string[])[],
): Promise<void> {
  const source = join(world.folder, 'source')
  mkdirSync(source)
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(source, name), typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`)
  for (const args of npm) await run('npm', args, { cwd: source, env: environment(world) })
  await run('sh', ['-ec', 'git init -q . && git add -A && git commit -qm start'], {
    cwd: source,
    env: environment(world),
  })
}

const worlds: string[] = []

/** removeWorlds() removes it. */
export function makeWorld(registry: string): TaskWorld {
  const folder = mkdtempSync(join(tmpdir(), 'task-'))
  worlds.push(folder)
  mkdirSync(join(folder, 'home'))
  return { folder, registry }
}

export function removeWorlds(): void {
  for (const folder of worlds.splice(0)) rmSync(folder, { recursive: true, force: true })
}

/**
 * `repair` stands for the agent: it gets the clone when a step failed that an agent step repairs, and that step runs again.
 * Without it, agent steps are left out.
 */
export async function runBuiltInTask(
  world: TaskWorld,
  name: string,
  inputs: Record<string, string> = {},
  repair: ((repository: string) => void) | null = null,
): Promise<TaskOutcome> {
  const task = parseTask(readFileSync(join(PROJECT, 'tasks', `${name}.yaml`), 'utf8'), name)
  const repository = join(world.folder, 'repo')
  await run('git', ['clone', '-q', join(world.folder, 'source'), repository], { env: environment(world) })
  const steps: TaskOutcome['steps'] = {}
  let failed = false
  const planned = planSteps(task, resolveInputs(task, inputs), repository)
  async function runCommand({ name: stepName, argv: given, cwd, env }: PlannedCommand): Promise<boolean> {
    // The sandbox has its own /tmp; here each run uses a folder instead.
    const argv = given.map((arg) => arg.replaceAll('/tmp/', `${world.folder}/`))
    const result = await runStep(argv, cwd, { ...environment(world), ...env })
    steps[stepName] = result
    return result.code === 0
  }
  for (const step of planned) {
    if (step.kind === 'command') {
      if (!conditionHolds(step.condition, failed)) continue
      if (!(await runCommand(step)) && !step.continueOnError) failed = true
    } else {
      const broken = planned.find((other) => other.name === step.repairs)
      if (repair === null || broken?.kind !== 'command' || steps[broken.name]?.code === 0) continue
      repair(repository)
      failed = !(await runCommand(broken))
    }
  }
  const { stdout } = await run('git', ['status', '--short'], { cwd: repository, env: environment(world) })
  return {
    succeeded: !failed,
    steps,
    changed: stdout.trim(),
    file: (path) => readFileSync(join(repository, path), 'utf8'),
    artifact: (path) =>
      existsSync(join(world.folder, 'artifacts', path))
        ? readFileSync(join(world.folder, 'artifacts', path), 'utf8')
        : '',
  }
}

function runStep(
  argv: readonly string[],
  cwd: string,
  env: Record<string, string>,
): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0] ?? '', argv.slice(1), { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
    child
      .on('error', reject)
      .on('close', (code) => resolve({ code: code ?? -1, output: Buffer.concat(chunks).toString() }))
  })
}

function environment({ folder, registry }: TaskWorld): Record<string, string> {
  const bin = join(PROJECT, 'node_modules/.bin')
  return {
    PATH: [bin, dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter),
    HOME: join(folder, 'home'),
    CI: 'true',
    TMPDIR: '/tmp',
    GLOVEBOX_ARTIFACTS: join(folder, 'artifacts'),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'T',
    GIT_AUTHOR_EMAIL: 't@example.org',
    GIT_COMMITTER_NAME: 'T',
    GIT_COMMITTER_EMAIL: 't@example.org',
    npm_config_registry: registry,
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
    npm_config_fetch_retries: '0',
  }
}
