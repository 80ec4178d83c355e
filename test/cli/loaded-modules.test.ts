// What commands load: a command that lists must stay fast, so it loads neither the gateway, the sandboxes nor the policy
// engine. The real program in processes of its own.
import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { makeDataFolder } from '../data-folder.ts'
import { folderOfThisTest } from '../test-folder.ts'

const PROJECT = join(import.meta.dirname, '../..')
const WATCH = `data:text/javascript,${encodeURIComponent(`
import { registerHooks } from 'node:module'
import { appendFileSync } from 'node:fs'
registerHooks({
  load(url, context, next) {
    appendFileSync(process.env.LOADED_MODULES, url + '\\n')
    return next(url, context)
  },
})`)}`

async function instance() {
  const folder = folderOfThisTest()
  const data = join(folder, 'data')
  const modules = join(folder, 'modules')
  await makeDataFolder(data)
  return {
    folder,
    data,
    /** Returns the packages and the rooms of src/ from which the command loaded a file, and the files of src/. */
    async type(...args: string[]) {
      rmSync(modules, { force: true })
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ['--disable-warning=ExperimentalWarning', '--import', WATCH, join(PROJECT, 'src/main.ts'), ...args],
        {
          cwd: folder,
          env: { PATH: process.env['PATH'], HOME: folder, GLOVEBOX_DATA: data, LOADED_MODULES: modules, ...CACHE },
        },
      )
      const loaded = readFileSync(modules, 'utf8').split('\n')
      const packages = loaded.map((url) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1])
      const files = loaded.filter((url) => url.startsWith(`file://${PROJECT}/src/`))
      const rooms = files.map((url) => url.slice(`file://${PROJECT}/src/`.length).split('/')[0])
      const named = (names: (string | undefined)[]) => new Set(names.filter((name) => name !== undefined))
      return { stdout, packages: named(packages), rooms: named(rooms), files: files.join('\n') }
    },
  }
}

/** As bin/node has it. */
const CACHE = { NODE_COMPILE_CACHE: join(PROJECT, 'build/compile-cache') }
const CEDAR = '@cedar-policy/cedar-wasm'

test('help loads the table of commands, and no schemas', async () => {
  const { packages, rooms } = await (await instance()).type('--help')
  expect([...packages]).toEqual(['commander'])
  expect([...rooms].toSorted()).not.toContain('server')
  expect([...rooms].toSorted()).not.toContain('store')
})

test('commands that list load the store and no more, once their question is answered', async () => {
  const { type } = await instance()
  expect([...(await type('runs', 'list')).packages]).toContain(CEDAR)
  await type('change', 'list')
  for (const command of ['runs', 'change']) {
    const { packages, rooms, files } = await type(command, 'list')
    const heavy = [CEDAR, 'dockerode', 'hono', 'undici', 'ai', '@peculiar/x509', '@agentclientprotocol/sdk', 'semver']
    expect([...packages].filter((name) => heavy.includes(name) || name.startsWith('@ai-sdk/'))).toEqual([])
    const unused = ['gateway', 'sandbox', 'credentials', 'forges', 'advisories']
    expect([...rooms].filter((room) => unused.includes(room))).toEqual([])
    expect(files).not.toMatch(/context\/all-parts|runner\/worker\.ts|policy-engine/)
  }
})

test('a policy that is added later refuses what was remembered as permitted', async () => {
  const { type, data, folder } = await instance()
  expect((await type('runs', 'list')).stdout).toContain('There is no run yet')
  const policies = join(folder, 'policies')
  mkdirSync(policies)
  writeFileSync(
    join(policies, 'closed.cedar'),
    '@id("closed") forbid (principal, action == Action::"run.read", resource);',
  )
  writeFileSync(join(data, 'glovebox.yaml'), `policies: { folders: [${policies}] }\n`)
  await expect(type('runs', 'list')).rejects.toMatchObject({
    code: 3,
    stderr: expect.stringContaining('policy closed forbids it'),
  })
  await expect(type('runs', 'list')).rejects.toMatchObject({ code: 3 })
  rmSync(join(policies, 'closed.cedar'))
  expect((await type('runs', 'list')).stdout).toContain('There is no run yet')
})
