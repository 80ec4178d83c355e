// Mutations of values instead of bytes, for JSON inputs. Objects are lists of entries during a mutation, so that
// `__proto__` is an ordinary key and a key may occur twice.
import type { Material } from './mutate.ts'
import type { Random } from './random.ts'

type Node = { entries: [key: string, value: Node][] } | { items: Node[] } | { leaf: string | number | boolean | null }

const LEAVES = [null, true, false, 0, 1, 2, 3, 4, -1, 1.5, 1e300, '', '0', '__proto__', 'constructor'] as const

export function mutateJson(input: Buffer, random: Random, material: Material): Buffer {
  const root = read(input)
  const places = root === null ? [] : placesOf(root)
  const place = random.pick(places)
  if (root === null || place === undefined) return input
  change(place, random, material)
  return Buffer.from(write(root))
}

function change({ list, at }: Place, random: Random, material: Material): void {
  const kind = random.below(6)
  const node = nodeOf(list[at] as Slot)
  if (kind === 0) list.splice(at, 1)
  else if (kind === 1) list.splice(random.below(list.length + 1), 0, structuredClone(list[at] as Slot))
  else if (kind === 2 && Array.isArray(list[at])) (list[at] as [string, Node])[0] = someText(random, material)
  else if (kind === 3) setNode(list, at, otherNode(random, material) ?? node)
  else if (kind === 4 && 'leaf' in node && typeof node.leaf === 'string')
    node.leaf = altered(node.leaf, random, material)
  else setNode(list, at, { leaf: random.oneIn(2) ? (random.pick(LEAVES) ?? null) : someText(random, material) })
}

type Slot = [string, Node] | Node
interface Place {
  list: Slot[]
  at: number
}

function placesOf(root: Node): Place[] {
  const found: Place[] = []
  const left: Node[] = [root]
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    const list: Slot[] = 'entries' in node ? node.entries : 'items' in node ? node.items : []
    for (let at = 0; at < list.length; at++) {
      found.push({ list, at })
      left.push(nodeOf(list[at] as Slot))
    }
  }
  return found
}

function nodeOf(slot: Slot): Node {
  return Array.isArray(slot) ? slot[1] : slot
}

function setNode(list: Slot[], at: number, node: Node): void {
  const slot = list[at] as Slot
  if (Array.isArray(slot)) slot[1] = node
  else list[at] = node
}

function otherNode(random: Random, { corpus }: Material): Node | null {
  const root = read(random.pick(corpus) ?? Buffer.alloc(0))
  const place = root === null ? undefined : random.pick(placesOf(root))
  return place === undefined ? null : nodeOf(place.list[place.at] as Slot)
}

function someText(random: Random, { dictionary }: Material): string {
  return (random.pick(dictionary) ?? Buffer.alloc(0)).toString()
}

function altered(text: string, random: Random, material: Material): string {
  const at = random.below(text.length + 1)
  return text.slice(0, at) + someText(random, material) + text.slice(at + random.below(4))
}

function read(input: Buffer): Node | null {
  try {
    return toNode(JSON.parse(input.toString()))
  } catch {
    return null
  }
}

function toNode(value: unknown): Node {
  if (Array.isArray(value)) return { items: value.map(toNode) }
  if (typeof value === 'object' && value !== null)
    return { entries: Object.entries(value).map(([key, inner]) => [key, toNode(inner)]) }
  return { leaf: value as string | number | boolean | null }
}

function write(node: Node): string {
  if ('items' in node) return `[${node.items.map(write).join(',')}]`
  if ('entries' in node)
    return `{${node.entries.map(([key, value]) => `${JSON.stringify(key)}:${write(value)}`).join(',')}}`
  return JSON.stringify(node.leaf)
}
