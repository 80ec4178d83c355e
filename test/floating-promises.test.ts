// A promise that nobody awaits and nobody catches ends the whole process when it rejects, and with it every run. The
// test asks the compiler for the type of each statement, so that no call of an async function gets by.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { API } from 'typescript/unstable/sync'
import type { Checker } from 'typescript/unstable/sync'
import type { Node, SourceFile } from 'typescript/unstable/ast'
import {
  isBinaryExpression,
  isCallExpression,
  isExpressionStatement,
  isPropertyAccessExpression,
  isVoidExpression,
} from 'typescript/unstable/ast/is'

const ROOT = join(import.meta.dirname, '..')

interface Dropped {
  /** The expression whose value the code drops. */
  value: Node
  at: string
}

function droppedValues(file: SourceFile): Dropped[] {
  const found: Dropped[] = []
  const line = (node: Node) => file.text.slice(0, node.getStart(file)).split('\n').length
  const visit = (node: Node): void => {
    const value = isExpressionStatement(node) || isVoidExpression(node) ? node.expression : null
    // The operand of a `void` statement is visited for itself. An assignment keeps its value.
    if (value !== null && !isVoidExpression(value) && !isBinaryExpression(value))
      found.push({ value, at: `${file.fileName.slice(ROOT.length + 1)}:${line(node)}` })
    node.forEachChild((child) => visit(child))
  }
  file.forEachChild((child) => visit(child))
  return found
}

/** Whether the call ends in `.catch(f)` or `.then(f, g)`. */
function isCaught(node: Node): boolean {
  if (!isCallExpression(node) || !isPropertyAccessExpression(node.expression)) return false
  const method = node.expression.name.text
  return (method === 'catch' && node.arguments.length === 1) || (method === 'then' && node.arguments.length === 2)
}

function isPromise(checker: Checker, node: Node): boolean {
  const type = checker.getTypeAtLocation(node)
  return type !== undefined && /^Promise(Like)?</.test(checker.typeToString(type))
}

test('no promise is left without its catch', () => {
  const api = new API({ cwd: ROOT })
  try {
    const config = join(ROOT, 'tsconfig.json')
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config)!
    const { program, checker } = project
    const ours = program
      .getSourceFileNames()
      .filter((name) => name.startsWith(join(ROOT, 'src/')) && !name.endsWith('.test.ts'))
    expect(ours.length).toBeGreaterThan(300)
    const dropped = ours.flatMap((name) => droppedValues(program.getSourceFile(name)!))
    const floating = dropped.filter(({ value }) => !isCaught(value) && isPromise(checker, value))
    expect(floating.map(({ at }) => at)).toEqual([])
  } finally {
    api.close()
  }
}, 120_000)
