// A program of its own, which glovebox-enter starts (measure-closed.ts): measures the folder that its first argument names,
// within the bounds that its second has as JSON, and prints the size as JSON.
import type { MeasureBounds } from './measure-tree.ts'
import { measureTree } from './measure-tree.ts'

const [path = '', bounds = '{}'] = process.argv.slice(2)
process.stdout.write(JSON.stringify(await measureTree(path, JSON.parse(bounds) as MeasureBounds)))
