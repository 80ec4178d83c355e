// What a policy is told before a run starts.
import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseTask } from '../../src/domain/task/parse-task.ts'
import { createLocalForge } from '../../src/forges/local.ts'
import { loadPolicies } from '../../src/policy/load-policies.ts'
import { createPolicyEngine } from '../../src/policy/policy-engine.ts'
import { createFakeProvider } from '../../src/sandbox/fake.ts'
import type { ServiceParts } from '../../src/services/parts.ts'
import { startRun } from '../../src/services/runs/start-run.ts'
import { openStore } from '../../src/store/open-store.ts'
import { commitFile, createForge } from '../git/forge-fixture.ts'
import { mustGit } from '../git/client-git.ts'

const ids = { now: () => Date.now(), random: (bytes: number) => randomBytes(bytes) }
const TASK = 'name: tidy\ndescription: d\nmode: write\nsteps:\n  - run: "true"\n'

test.each(['write', 'taskSource'])('a policy about %s is not passed by leaving the mode to the task', async (what) => {
  await using fixture = await createForge()
  const { folder, git, work, client } = fixture
  await commitFile(client, work, '.glovebox/tasks/tidy.yaml', TASK, 'task')
  await mustGit(client, ['push', '--quiet', 'origin', 'main'], { cwd: work })
  const policies = join(folder, 'policies')
  for (const path of [policies, join(folder, 'data')]) await mkdir(path, { mode: 0o700 })
  const condition =
    what === 'write'
      ? 'context has mode && context.mode == "write"'
      : 'context has taskSource && context.taskSource == "repository"'
  await writeFile(
    join(policies, 'ours.cedar'),
    `@id("ours") forbid (principal, action == Action::"run.start", resource) when { ${condition} };\n`,
  )
  const { inForce, schema } = loadPolicies({
    builtInFolder: join(import.meta.dirname, '../../policies'),
    extraFolders: [policies],
    enable: [],
  })
  await using store = await openStore(join(folder, 'data'), { ids })
  const parts = {
    store,
    ids,
    git,
    policy: createPolicyEngine({ policies: inForce, schema }),
    ceilings: {},
    declaredServices: [],
    tasks: [],
    parseTask,
    sandbox: createFakeProvider(),
    mirrors: join(folder, 'mirrors'),
    openForge: (repository: string) => createLocalForge(git, repository),
  } as Partial<ServiceParts> as ServiceParts
  const request = {
    work: { kind: 'task' as const, name: 'tidy', inputs: {} },
    repository: fixture.forge,
    ref: null,
    mode: null,
    sandbox: null,
    advisories: null,
    agent: { name: null, connection: null, model: null },
  }
  await expect(startRun(parts, { id: 'user:ada' }, request)).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining('policy ours'),
  })
  expect((await store.runs.list()).items).toEqual([])
})
