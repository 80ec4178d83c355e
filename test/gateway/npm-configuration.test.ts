// Reading of the configuration of the real npm.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readNpmConfiguration, type NpmConfiguration } from '../../src/gateway/registries/npm/configuration.ts'

const BIN = join(import.meta.dirname, '../../node_modules/.bin')
let home: string

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'glovebox-home-'))
})
afterEach(() => rm(home, { recursive: true }))

async function read(npmrc: string, env: Record<string, string> = {}): Promise<NpmConfiguration> {
  await writeFile(join(home, '.npmrc'), npmrc)
  const globalconfig = join(home, 'absent')
  return readNpmConfiguration({
    env: { PATH: `${BIN}:/usr/bin:/bin`, HOME: home, npm_config_globalconfig: globalconfig, ...env },
  })
}

describe('readNpmConfiguration', () => {
  test('reads registry, scopes, CA, proxy and token of the user', async () => {
    await writeFile(join(home, 'ca.pem'), 'PEM')
    const found = await read(
      [
        'registry=https://npm.corp.example/group',
        '@acme:registry=https://acme.example/npm/',
        '//npm.corp.example/group/:_authToken=${CORP}',
        `cafile=${home}/ca.pem`,
        'https-proxy=http://proxy.corp.example:3128',
        'noproxy=corp.example,.local',
      ].join('\n'),
      { CORP: 'secret' },
    )
    expect(found).toMatchObject({
      ca: ['PEM'],
      strictSsl: true,
      httpsProxy: 'http://proxy.corp.example:3128',
      noProxy: ['corp.example', '.local'],
    })
    expect([found.registry.href, found.scopes.get('@acme')?.href]).toEqual([
      'https://npm.corp.example/group/',
      'https://acme.example/npm/',
    ])
    expect(Object.fromEntries(found.credentials)).toEqual({
      '//npm.corp.example/group/': { authorization: 'Bearer secret' },
    })
  })

  test('ignores an .npmrc in the working folder of Glovebox or above its temporary folder', async () => {
    const workspace = join(home, 'workspace')
    await mkdir(workspace)
    for (const folder of [workspace, home]) await writeFile(join(folder, 'package.json'), '{}')
    await writeFile(join(workspace, '.npmrc'), 'registry=https://evil.example/\n')
    const before = process.cwd()
    const found = await read('registry=https://good.example/', {
      INIT_CWD: workspace,
      PWD: workspace,
      TMPDIR: workspace,
    })
    expect([found.registry.href, process.cwd()]).toEqual(['https://good.example/', before])
  })

  test('refuses a password in the URL of the registry', async () => {
    await expect(read('registry=https://u:p@r.example/')).rejects.toThrow(/password/)
  })

  test('names a missing CA file', async () => {
    await expect(read('registry=https://r.example/\ncafile=/nonexistent/ca.pem')).rejects.toThrow(/ca\.pem/)
  })

  test('asks the next program if the first is not installed', async () => {
    const env = { PATH: '/usr/bin:/bin', HOME: home }
    await expect(readNpmConfiguration({ env, commands: [['no-such-npm']] })).rejects.toThrow(/not installed/)
    const found = await readNpmConfiguration({
      env,
      commands: [['no-such-npm'], [join(BIN, 'node'), join(BIN, 'npm')]],
    })
    expect(found.registry.pathname).toBe('/')
  })
})
