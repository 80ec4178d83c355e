// The findings about changed lockfiles, in any folder.
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { type Files, type Inspecting, openInspecting } from './inspecting.ts'

let inspecting: Inspecting
afterEach(() => inspecting[Symbol.asyncDispose]())

const R = 'https://registry.example.test'
const PNPM = 'lockfileVersion: 9.0\npackages:\n  lodash@4.17.21:\n    resolution: {integrity: sha512-A}\n'
const YARN = `lodash@^4:\n  version "4.17.21"\n  resolved "${R}/lodash/-/lodash-4.17.21.tgz#abc"\n`

function npm(fields: object): string {
  const lodash = {
    version: '4.17.21',
    resolved: `${R}/lodash/-/lodash-4.17.21.tgz`,
    integrity: 'sha512-AAAA',
    ...fields,
  }
  return JSON.stringify({ lockfileVersion: 3, packages: { '': {}, 'node_modules/lodash': lodash } })
}

/** The findings about lockfiles, all of them. */
async function found(files: Files): Promise<string[]> {
  await inspecting.commit(files)
  const { findings } = await inspecting.kept(await inspecting.proposal())
  return findings.find(({ kind }) => kind === 'lockfile')?.lines ?? []
}

test('npm, pnpm and Yarn, at the top and in a folder', async () => {
  inspecting = await openInspecting({ 'package-lock.json': npm({}), 'pnpm-lock.yaml': PNPM, 'sub/yarn.lock': YARN })
  expect(
    await found({
      'package-lock.json': npm({ resolved: `${R}/evil-pkg/-/evil-pkg-1.0.0.tgz`, integrity: undefined }),
      'pnpm-lock.yaml': PNPM.replace('integrity: sha512-A', 'tarball: https://evil.example/lodash.tgz'),
      'sub/yarn.lock': YARN.replace('registry.example.test', 'evil.example'),
    }),
  ).toEqual([
    'package-lock.json: lodash@4.17.21 is called lodash and fetches evil-pkg 1.0.0',
    'package-lock.json: lodash@4.17.21 lost its integrity',
    'pnpm-lock.yaml: fetches from a new place: https://evil.example',
    'pnpm-lock.yaml: lodash@4.17.21 comes from an address that does not contain the name of the package: https://evil.example/lodash.tgz',
    'pnpm-lock.yaml: lodash@4.17.21 lost its integrity',
    'sub/yarn.lock: fetches from a new place: https://evil.example',
  ])
})

test('accepts an alias that the package.json beside the lockfile declares', async () => {
  const alias = { name: 'real', version: '1.0.0', resolved: `${R}/real/-/real-1.0.0.tgz`, integrity: 'sha512-R' }
  inspecting = await openInspecting({ 'a/package-lock.json': npm({}), 'b/package-lock.json': npm({}) })
  expect(
    await found({
      'a/package-lock.json': npm(alias),
      'a/package.json': JSON.stringify({ dependencies: { lodash: 'npm:real@^1.0.0' } }),
      'b/package-lock.json': npm(alias),
      'b/package.json': '{}',
    }),
  ).toEqual([
    'b/package-lock.json: real is installed as lodash, but no package.json of the repository declares this alias',
  ])
})

test('reports origins of a new lockfile that the lockfile at the top does not have', async () => {
  inspecting = await openInspecting({ 'package-lock.json': npm({}) })
  expect(
    await found({
      'same/package-lock.json': npm({}),
      'other/yarn.lock': YARN.replace('registry.example.test', 'evil.example').replace('#abc', `#${'a'.repeat(40)}`),
    }),
  ).toEqual(['other/yarn.lock: fetches from a new place: https://evil.example'])
})

test('reports new origins in lockfiles of other languages', async () => {
  inspecting = await openInspecting({
    'requirements.txt': 'flask==3.0\n',
    'Cargo.lock': 'source = "registry+https://github.com/rust-lang/crates.io-index"\n',
    'composer.lock': JSON.stringify({ packages: [{ name: 'a/b', dist: { url: 'https://api.github.com/x' } }] }),
  })
  expect(
    await found({
      'requirements.txt': 'flask==3.0\n--extra-index-url https://evil.example/simple\n',
      'Cargo.lock': 'source = "git+https://evil.example/x?rev=1#abc"\n',
      'composer.lock': JSON.stringify({
        packages: [{ name: 'a/b', dist: { url: 'https://evil.example/x' }, funding: [{ url: 'https://a.example' }] }],
      }),
      'bun.lockb': Buffer.from([0, 1, 2]),
    }),
  ).toEqual([
    'Cargo.lock: fetches from a new place: git+https://evil.example',
    'bun.lockb: it is binary and was not examined',
    'composer.lock: fetches from a new place: https://evil.example',
    'requirements.txt: fetches from a new place: https://evil.example',
  ])
})

test('reports an unreadable lockfile and its origins, and ignores a link', async () => {
  inspecting = await openInspecting({ 'package-lock.json': npm({}), 'pnpm-lock.yaml': PNPM })
  await symlink('../elsewhere', join(inspecting.ground.fixture.work, 'yarn.lock'))
  expect(
    await found({
      'package-lock.json': '<<<<<<< HEAD\n"resolved": "https://evil.example/x.tgz"',
      'pnpm-lock.yaml': `${PNPM}x: &anchor\n  tarball: https://evil.example/y.tgz\n`,
    }),
  ).toEqual([
    'package-lock.json: it was not examined: it is not JSON',
    'package-lock.json: fetches from a new place: https://evil.example',
    'pnpm-lock.yaml: it was not examined: line 5 is not in the format that package managers write',
    'pnpm-lock.yaml: fetches from a new place: https://evil.example',
  ])
})
