// What every sandbox is given besides the host's /usr: the project's own Node and npm, so that a run does not depend on
// which Node the host has.
import { mkdir, readFile, rm, symlink } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Toolchain } from './types.ts'

const ROOT = '/opt/glovebox'

/** Command to its target inside; relative links would leave the folder that is mounted. */
const COMMANDS: Readonly<Record<string, string>> = {
  node: `${ROOT}/node/bin/node`,
  npm: `${ROOT}/npm/bin/npm-cli.js`,
  npx: `${ROOT}/npm/bin/npx-cli.js`,
}

/** `modules` is the project's node_modules, `nodeProgram` its Node, `folder` one of ours that the links are made in. */
export async function openToolchain(options: {
  modules: string
  nodeProgram: string
  nodeVersion: string
  folder: string
}): Promise<Toolchain> {
  const bin = join(options.folder, 'bin')
  await rm(bin, { recursive: true, force: true })
  await mkdir(bin, { recursive: true, mode: 0o755 })
  await Promise.all(Object.entries(COMMANDS).map(([name, target]) => symlink(target, join(bin, name))))
  const npm = join(options.modules, 'npm')
  const { version } = JSON.parse(await readFile(join(npm, 'package.json'), 'utf8')) as { version: string }
  const node = dirname(dirname(options.nodeProgram))
  return {
    mounts: [
      { source: bin, target: `${ROOT}/bin` },
      { source: node, target: `${ROOT}/node` },
      { source: npm, target: `${ROOT}/npm` },
    ],
    path: [`${ROOT}/bin`],
    // node-gyp builds native packages against the headers of this very Node, instead of downloading some. npm sets the
    // same variable for `npm config set nodedir`.
    environment: existsSync(join(node, 'include/node/node.h')) ? { npm_config_nodedir: `${ROOT}/node` } : {},
    versions: { node: options.nodeVersion, npm: version },
  }
}
