// scripts/setup with an npm that only notes how it was called: which dependencies are installed, and when.
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folderOfThisTest } from './test-folder.ts'

const ROOT = join(import.meta.dirname, '..')
const NPM = `#!/bin/sh
echo "$*" >>"$0.log"
rm -rf node_modules && mkdir -p node_modules/.bin && ln -s '${process.execPath}' node_modules/.bin/node
case "$*" in *--omit=dev*) ;; *) ln -s /bin/true node_modules/.bin/vitest ;; esac
`

function checkout() {
  const folder = folderOfThisTest()
  for (const name of ['scripts/setup', 'package-lock.json', '.npmrc']) cpSync(join(ROOT, name), join(folder, name))
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'npm'), NPM)
  chmodSync(join(bin, 'npm'), 0o755)
  symlinkSync(process.execPath, join(bin, 'node'))
  const log = join(bin, 'npm.log')
  return {
    folder,
    /** Returns how npm was called so far. */
    setup(...purpose: string[]): string[] {
      const { status, stderr } = spawnSync(join(folder, 'scripts/setup'), purpose, {
        env: { PATH: `${bin}:${process.env['PATH']}` },
        encoding: 'utf8',
      })
      expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' })
      return existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []
    },
  }
}

const USE = 'ci --omit=dev --loglevel=error'
const ALL = 'ci --loglevel=error'

test('a setup for use installs no dependencies of development, and one for development adds them once', () => {
  const { setup } = checkout()
  expect(setup()).toEqual([USE])
  expect(setup()).toEqual([USE])
  expect(setup('development')).toEqual([USE, ALL])
  expect(setup('development')).toEqual([USE, ALL])
  expect(setup()).toEqual([USE, ALL])
})

test('another lock file is installed again, for the purpose that is asked for', () => {
  const { folder, setup } = checkout()
  expect(setup('development')).toEqual([ALL])
  writeFileSync(join(folder, 'package-lock.json'), '{}')
  expect(setup()).toEqual([ALL, USE])
})

test('what somebody installed by hand counts as what it is', () => {
  const { folder, setup } = checkout()
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true })
  symlinkSync(process.execPath, join(folder, 'node_modules/.bin/node'))
  writeFileSync(join(folder, 'node_modules/.package-lock.json'), '{}')
  utimesSync(join(folder, 'package-lock.json'), new Date(0), new Date(0))
  expect(setup()).toEqual([])
  expect(setup('development')).toEqual([ALL])
})
