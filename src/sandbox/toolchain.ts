// What every sandbox is given besides the host's /usr: the project's own Node and npm, so that a run does not depend on
// which Node the host has.
import { mkdir, readFile, rm, symlink } from 'node:fs/promises'
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
  return {
    mounts: [
      { source: bin, target: `${ROOT}/bin` },
      { source: dirname(dirname(options.nodeProgram)), target: `${ROOT}/node` },
      { source: npm, target: `${ROOT}/npm` },
    ],
    path: [`${ROOT}/bin`],
    versions: { node: options.nodeVersion, npm: version },
  }
}
