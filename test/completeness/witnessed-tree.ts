// Tracks the names of a sandbox's files: the workspace at the start, and every successful change that strace saw. It answers
// questions that strace's output does not: did the name exist, is it a folder, where does a symlink lead. Read-only parts
// (the system, mounted folders) are looked up on the host.
import { lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Mount } from '../../src/sandbox/types.ts'

export type Node = { kind: 'file' | 'folder' | 'other' } | { kind: 'link'; target: string }

export interface Layout {
  /** Read-only mounts, from the target in the sandbox to the source on the host. */
  mounts: readonly Mount[]
  /** Symlinks of the box's root, e.g. /bin. */
  links: Readonly<Record<string, string>>
}

const LINKS_MAX = 40

export class WitnessedTree {
  readonly #nodes = new Map<string, Node>()
  readonly #layout: Layout

  constructor(layout: Layout, workspace: string) {
    const mounts = layout.mounts.toSorted((a, b) => b.target.length - a.target.length)
    this.#layout = { ...layout, mounts }
    this.#nodes.set('/workspace', { kind: 'folder' })
    for (const entry of readdirSync(workspace, { recursive: true, encoding: 'latin1' }))
      this.#nodes.set(`/workspace/${entry}`, nodeOf(Buffer.from(join(workspace, entry), 'latin1')))
  }

  get(path: string): Node | null {
    const node = this.#nodes.get(path)
    if (node) return node
    const target = this.#layout.links[path]
    if (target !== undefined) return { kind: 'link', target }
    const source = this.hostPath(path)
    return source === null ? null : hostNode(source)
  }

  /** The host path of a read-only file; null for a file of the sandbox itself. */
  hostPath(path: string): string | null {
    const mount = this.#layout.mounts.find(({ target }) => path === target || path.startsWith(`${target}/`))
    return mount ? mount.source + path.slice(mount.target.length) : null
  }

  /** The canonical form of a path. `follow`: whether to follow a link in the last name. */
  resolve(path: string, cwd: string, follow: boolean): string {
    let rest = (path.startsWith('/') ? path : `${cwd}/${path}`).split('/')
    let at = ''
    for (let links = 0; rest.length > 0;) {
      const [name = '', ...more] = rest
      rest = more
      if (name === '' || name === '.') continue
      if (name === '..') {
        at = at.slice(0, Math.max(0, at.lastIndexOf('/')))
        continue
      }
      const next = `${at}/${name}`
      const node = this.get(next)
      const isLast = more.every((part) => part === '')
      if (node?.kind !== 'link' || (isLast && !follow && more.length === 0)) {
        at = next
        continue
      }
      if (++links > LINKS_MAX) throw new Error(`${path} is a loop of symlinks`)
      rest = [...node.target.split('/'), ...more]
      if (node.target.startsWith('/')) at = ''
    }
    return at === '' ? '/' : at
  }

  add(path: string, node: Node): void {
    this.#nodes.set(path, node)
  }

  /** Gives a file a second name. */
  link(from: string, to: string): void {
    this.#nodes.set(to, this.#nodes.get(from) ?? { kind: 'file' })
  }

  remove(path: string): void {
    this.#nodes.delete(path)
  }

  /** Returns false if both names belong to the same file: then the kernel changes nothing. */
  rename(from: string, to: string): boolean {
    const moved = this.#nodes.get(from)
    if (moved !== undefined && moved === this.#nodes.get(to) && from !== to) return false
    this.#put(to, this.#take(from))
    return from !== to
  }

  exchange(one: string, other: string): void {
    const [first, second] = [this.#take(one), this.#take(other)]
    this.#put(other, first)
    this.#put(one, second)
  }

  /** Removes a name and returns the names below it, relative to it; '' is the name itself. */
  #take(path: string): Map<string, Node> {
    const taken = new Map<string, Node>()
    const self = this.#nodes.get(path)
    if (self) taken.set('', self)
    if (self?.kind === 'folder') {
      for (const [name, node] of this.#nodes) {
        if (name.startsWith(`${path}/`)) taken.set(name.slice(path.length), node)
      }
    }
    for (const name of taken.keys()) this.#nodes.delete(path + name)
    return taken
  }

  #put(path: string, nodes: Map<string, Node>): void {
    for (const [name, node] of nodes) this.#nodes.set(path + name, node)
  }
}

function hostNode(path: string): Node | null {
  try {
    return nodeOf(path)
  } catch {
    return null
  }
}

function nodeOf(path: string | Buffer): Node {
  const info = lstatSync(path)
  if (info.isSymbolicLink()) return { kind: 'link', target: readlinkSync(path, 'latin1') }
  return { kind: info.isFile() ? 'file' : info.isDirectory() ? 'folder' : 'other' }
}
