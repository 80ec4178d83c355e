// The built-in toolchain of every sandbox: Glovebox's own Node and npm, so that a run does not depend on the host's
// Node.
import { mkdir, readFile, rm, symlink } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Toolchain } from './types.ts'

const ROOT = '/opt/glovebox'

/** Maps each command to its absolute target inside. Relative links would point outside the mounted folder. */
const COMMANDS: Readonly<Record<string, string>> = {
  node: `${ROOT}/node/bin/node`,
  npm: `${ROOT}/npm/bin/npm-cli.js`,
  npx: `${ROOT}/npm/bin/npx-cli.js`,
}

/**
 * `modules`: Glovebox's node_modules. `nodeProgram`: its Node. `folder`: a folder of ours in which the links are
 * created.
 */
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
    // node-gyp then builds native packages against the headers of this Node instead of downloading them. npm sets the
    // same variable for `npm config set nodedir`.
    environment: existsSync(join(node, 'include/node/node.h')) ? { npm_config_nodedir: `${ROOT}/node` } : {},
    versions: { node: options.nodeVersion, npm: version },
  }
}
