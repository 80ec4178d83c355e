// A separate program, which glovebox-enter starts (measure-closed.ts). It measures the folder named by its first
// argument within the bounds in its second argument (JSON), and prints the size as JSON.
import type { MeasureBounds } from './measure-tree.ts'
import { measureTree } from './measure-tree.ts'

const [path = '', bounds = '{}'] = process.argv.slice(2)
process.stdout.write(JSON.stringify(await measureTree(path, JSON.parse(bounds) as MeasureBounds)))
