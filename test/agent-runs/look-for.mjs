// Runs inside the sandbox, as the agent: searches everything that it can read for texts and prints where they are. The
// texts are passed encoded, so that it does not find itself. Files older than the texts are skipped.
import { closeSync, constants, lstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'

const [since, ...words] = process.argv.slice(2)
const needles = words
  .filter((each) => /^([0-9a-f]{2})+$/.test(each))
  .map((each) => Buffer.from(each, 'hex').map((byte) => byte ^ 0x5a))
/** Skipped files: they block, are endless, or reading consumes data meant for others (memory, logs, pipes). */
const LEFT_OUT =
  /^\/proc\/(kcore|kmsg|sys|\d+\/(task|fd|map_files|mem|pagemap|clear_refs|self|thread-self))$|^\/(dev|sys)$/
const MAX_BYTES = 64 * 1024 * 1024
const found = []
let files = 0

function look(path) {
  if (LEFT_OUT.test(path)) return
  let stat
  try {
    stat = lstatSync(path)
  } catch {
    return // a process that has ended
  }
  if (stat.isDirectory()) {
    for (const name of namesIn(path)) look(join(path, name))
  } else if (stat.isFile() && (path.startsWith('/proc/') || stat.ctimeMs >= Number(since))) {
    const bytes = contentOf(path)
    files += 1
    for (const [index, needle] of needles.entries()) if (bytes.includes(needle)) found.push({ needle: index, path })
  }
}

function namesIn(path) {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

function contentOf(path) {
  let file
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const chunks = []
    for (let total = 0; total < MAX_BYTES;) {
      const chunk = Buffer.alloc(1024 * 1024)
      const length = readSync(file, chunk)
      if (length === 0) break
      chunks.push(chunk.subarray(0, length))
      total += length
    }
    return Buffer.concat(chunks)
  } catch {
    return Buffer.alloc(0)
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

look('/')
console.log(JSON.stringify({ files, found }))
