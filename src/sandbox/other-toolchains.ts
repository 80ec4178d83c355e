// Node versions that a project wants instead of Glovebox's own: folders of the machine that the configuration names,
// such as unpacked archives of nodejs.org. The built-in toolchain stays mounted for programs that start with it.
import { existsSync } from 'node:fs'
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SYSTEM_TOOLCHAIN } from '../domain/task/task.ts'
import { runTool } from './on-host/run-tool.ts'
import type { OtherToolchains, Toolchain } from './types.ts'
import { own } from '../domain/own.ts'

const ROOT = '/opt/glovebox/toolchains'

/** `folders` by name: each has `bin/node`. */
export function otherToolchains(folders: Readonly<Record<string, string>>): OtherToolchains {
  const opened = new Map<string, Promise<Toolchain>>()
  return {
    names: [SYSTEM_TOOLCHAIN, ...Object.keys(folders)],
    open(name) {
      if (name === SYSTEM_TOOLCHAIN) return Promise.resolve({ mounts: [], path: [], environment: {}, versions: {} })
      const folder = own(folders, name)
      if (folder === undefined)
        return Promise.reject(
          new Error(`no toolchain \`${name}\` is configured: add it to toolchains in glovebox.yaml`),
        )
      const known = opened.get(name) ?? openFolder(name, folder)
      opened.set(name, known)
      // Forgets a failure, so that a toolchain repaired on the machine works the next time.
      known.catch(() => opened.delete(name))
      return known
    },
  }
}

async function openFolder(name: string, folder: string): Promise<Toolchain> {
  const node = join(folder, 'bin', 'node')
  await access(node).catch(() => {
    throw new Error(
      `the toolchain \`${name}\` has no ${node}: toolchains in glovebox.yaml must name folders with bin/node`,
    )
  })
  const { ok, output } = await runTool([node, '--version'])
  if (!ok) throw new Error(`the toolchain \`${name}\`: ${node} can't be run: ${output.slice(0, 300)}`)
  const target = `${ROOT}/${name}`
  const npm = await npmVersion(folder)
  return {
    mounts: [{ source: folder, target }],
    path: [`${target}/bin`],
    environment: existsSync(join(folder, 'include/node/node.h')) ? { npm_config_nodedir: target } : {},
    versions: { node: output.replace(/^v/, ''), ...(npm === null ? {} : { npm }) },
  }
}

async function npmVersion(folder: string): Promise<string | null> {
  const file = join(folder, 'lib', 'node_modules', 'npm', 'package.json')
  const manifest = await readFile(file, 'utf8').catch(() => null)
  return manifest === null ? null : (JSON.parse(manifest) as { version: string }).version
}
