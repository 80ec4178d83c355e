// The Node version that a project finds in the sandbox, and the note if it wants another.
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxKinds, sandboxSection } from '../sandbox-kinds.ts'
import { testFolder } from '../test-folder.ts'
import type { TestFolder } from '../test-folder.ts'
import { makeRepository } from './glovebox.ts'
import { openWorkshop } from './in-process.ts'
import type { Workshop } from './in-process.ts'

const task = (toolchain: string) =>
  `name: ${toolchain}\ndescription: d\nmode: read-only\ntoolchain: ${toolchain}\nsteps:\n  - name: look\n    run: command -v node; node --version; /opt/glovebox/node/bin/node --version\n`

/** A folder like an unpacked archive of nodejs.org, whose Node reports another version. */
async function makeToolchain(folder: string): Promise<string> {
  const path = join(folder, 'node-20')
  await mkdir(join(path, 'bin'), { recursive: true })
  await mkdir(join(path, 'lib/node_modules/npm'), { recursive: true })
  await writeFile(join(path, 'bin/node'), '#!/bin/sh\necho v20.1.2\n')
  await chmod(join(path, 'bin/node'), 0o755)
  await writeFile(join(path, 'lib/node_modules/npm/package.json'), '{"version": "9.8.7"}\n')
  return path
}

describe.each(await sandboxKinds())('$kind', (kind) => {
  let tools: TestFolder
  let shop: Workshop
  let repository: string
  beforeAll(async () => {
    tools = await testFolder({ mode: 0o755 })
    await makeToolchain(tools.path)
    const folders = `toolchains:\n  node-20: ${tools.path}/node-20\n  gone: ${tools.path}/gone\n`
    shop = await openWorkshop(`${sandboxSection(kind)}${folders}`)
    repository = await makeRepository(shop.folder, 'project', {
      'package.json': '{"engines": {"node": "^20"}}\n',
      '.nvmrc': 'v24\n',
      '.glovebox/tasks/node-20.yaml': task('node-20'),
      '.glovebox/tasks/built-in.yaml': task('built-in'),
      '.glovebox/tasks/system.yaml': task('system'),
      '.glovebox/tasks/gone.yaml': task('gone'),
      '.glovebox/tasks/nowhere.yaml': task('node-21').replace('name: node-21', 'name: nowhere'),
    })
  })
  afterAll(async () => {
    await shop[Symbol.asyncDispose]()
    await tools[Symbol.asyncDispose]()
  })

  test('records the versions of the built-in toolchain, and notes what the project wants', async () => {
    const run = await shop.run(repository, { task: 'built-in' })
    const own = process.version
    expect(await run.output(1)).toBe(`/opt/glovebox/bin/node\n${own}\n${own}\n`)
    expect(run.of('run.planned')).toMatchObject([
      {
        toolchain: { node: own.slice(1), npm: expect.stringMatching(/^\d+\./) },
        notes: [
          `package.json wants Node ^20, but the sandbox has ${own.slice(1)}: a task can name a toolchain; see docs/tasks.md`,
        ],
      },
    ])
  })

  test('puts a configured toolchain first in PATH, and Glovebox keeps its own', async () => {
    const run = await shop.run(repository, { task: 'node-20' })
    expect(await run.output(1)).toBe(`/opt/glovebox/toolchains/node-20/bin/node\nv20.1.2\n${process.version}\n`)
    expect(run.of('run.planned')).toMatchObject([
      {
        toolchain: { node: '20.1.2', npm: '9.8.7' },
        notes: ['.nvmrc wants Node v24, but the sandbox has 20.1.2: a task can name a toolchain; see docs/tasks.md'],
      },
    ])
  })

  test('a task that names none gets the configured Node that the repository wants', async () => {
    const wants = await makeRepository(shop.folder, 'wants-20', {
      'package.json': '{"engines": {"node": ">=18"}}\n',
      '.nvmrc': '20\n',
      '.glovebox/tasks/project.yaml': task('project').replace('toolchain: project\n', ''),
    })
    const run = await shop.run(wants, { task: 'project' })
    expect(await run.output(1)).toBe(`/opt/glovebox/toolchains/node-20/bin/node\nv20.1.2\n${process.version}\n`)
    expect(run.of('run.planned')).toMatchObject([{ toolchain: { node: '20.1.2' }, notes: [] }])
  })

  test('names a missing toolchain folder and an unknown toolchain', async () => {
    expect((await shop.run(repository, { task: 'gone' })).run).toMatchObject({
      status: 'invalid',
      reason: `the toolchain \`gone\` has no ${tools.path}/gone/bin/node: toolchains in glovebox.yaml must name folders with bin/node`,
    })
    expect((await shop.run(repository, { task: 'nowhere' })).run).toMatchObject({
      status: 'invalid',
      reason: expect.stringContaining('there is no toolchain `node-21`; did you mean `node-20`?'),
    })
  })

  test('system leaves PATH to the image or the host', async () => {
    const run = await shop.run(repository, { task: 'system' })
    expect(await run.output(1)).not.toContain('/opt/glovebox/bin/node')
    expect(run.of('run.planned')).toMatchObject([{ toolchain: {}, notes: [] }])
  })
})

test('notes submodules and Git LFS files that the run could not fetch', async () => {
  await using shop = await openWorkshop('reach:\n  hosts: { git: [git.example.com] }\n')
  const files = {
    '.gitmodules': '[submodule "x"]\n\tpath = x\n\turl = ../x.git\n',
    '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n',
    '.glovebox/tasks/granted.yaml':
      'name: granted\ndescription: d\nmode: read-only\nreach: [hosts]\nsteps:\n  - run: env | grep ^GIT_CONFIG_VALUE_0\n',
    '.glovebox/tasks/typo.yaml':
      'name: typo\ndescription: d\nmode: read-only\nreach: [hots]\nsteps:\n  - run: "true"\n',
  }
  const repository = await makeRepository(shop.folder, 'modules', files)
  const lfs =
    'the repository keeps files in Git LFS: in the sandbox they are pointers until a step runs `git lfs pull`; see docs/tasks.md'
  const modules =
    'the repository has submodules, but the task may reach no host from which they could be fetched; see docs/tasks.md'
  expect((await shop.run(repository, { script: 'true' })).of('run.planned')).toMatchObject([{ notes: [modules, lfs] }])
  const granted = await shop.run(repository, { task: 'granted' })
  expect(granted.of('run.planned')).toMatchObject([{ notes: [lfs] }])
  expect(await granted.output(1)).toContain('GIT_CONFIG_VALUE_0=ssh://git@git.example.com/')
  expect((await shop.run(repository, { task: 'typo' })).run).toMatchObject({
    status: 'invalid',
    reason: expect.stringContaining(
      'reach names `hots`, which neither a policy nor the configuration knows; did you mean `hosts`?',
    ),
  })
})
