import type { NeutralCall } from './script.ts'

/** The same done by a shell, for agents that offer nothing else. */
export function shellCommand(call: NeutralCall): string | undefined {
  switch (call.tool) {
    case 'read':
      return `cat ${quote(call.path)}`
    case 'edit':
      return replaceCommand(call.path, call.old, call.new)
    case 'write':
      return `printf %s ${quote(call.content)} > ${quote(call.path)}`
    case 'run':
      return call.command
    case 'search':
      return `grep -rn -e ${quote(call.pattern)} .`
    default:
      return undefined
  }
}

function replaceCommand(path: string, old: string, replacement: string): string {
  const program = `const fs = require('fs')
const [path, old, replacement] = process.argv.slice(1)
const text = fs.readFileSync(path, 'utf8')
if (!text.includes(old)) throw new Error('not found in ' + path)
fs.writeFileSync(path, text.replace(old, () => replacement))`
  return ['node', '-e', program, path, old, replacement].map(quote).join(' ')
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
