// The part of search that runs in a worker, because a walk of the tree and a pattern can both be arbitrarily slow.
import { readdirSync, statSync } from 'node:fs'
import { basename, join, matchesGlob, relative } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { cut, looksBinary, plainText } from './plain-text.ts'
import { readBytes } from './read-bytes.ts'

export interface SearchRequest {
  /** Absolute path of a folder or file. */
  root: string
  /** Shown paths are relative to this folder. */
  cwd: string
  pattern: string
  flags: string
  glob: string | null
  maxMatches: number
}

export type SearchReport =
  | { kind: 'file'; path: string }
  | { kind: 'matches'; lines: string[] }
  | { kind: 'done'; files: number; skipped: number; full: boolean }

/** Folders that a search skips unless the path names them. */
const LEFT_OUT = new Set(['.git', 'node_modules'])
const MAX_FILES = 50_000
const MAX_FILE_BYTES = 4 * 1024 ** 2
/**
 * Longer lines are searched only up to here: they are machine-made, and slow patterns get slower with every character.
 */
const MAX_LINE_CHARS = 10_000
const MAX_SHOWN_CHARS = 300

/**
 * All files below `root`, sorted, so that equal searches give equal results. Symbolic links are not followed, against
 * loops.
 */
function* walk(root: string): Generator<string> {
  if (!statSync(root).isDirectory()) {
    yield root
    return
  }
  // Skip a folder that has vanished or is unreadable.
  const entries = (() => {
    try {
      return readdirSync(root, { withFileTypes: true })
    } catch {
      return []
    }
  })()
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(root, entry.name)
    if (entry.isDirectory() && !LEFT_OUT.has(entry.name)) yield* walk(path)
    else if (entry.isFile()) yield path
  }
}

async function search(request: SearchRequest, report: (message: SearchReport) => void): Promise<void> {
  const pattern = new RegExp(request.pattern, request.flags)
  let [files, skipped, found] = [0, 0, 0]
  for (const path of walk(request.root)) {
    if (files >= MAX_FILES || found >= request.maxMatches) break
    const shown = relative(request.cwd, path)
    if (request.glob !== null && !fits(request.glob, shown)) continue
    files += 1
    const text = await textOf(path)
    if (text === null) {
      skipped += 1
      continue
    }
    report({ kind: 'file', path: shown })
    const lines = matches(text, pattern, request.maxMatches - found).map((line) => `${shown}:${line}`)
    found += lines.length
    if (lines.length > 0) report({ kind: 'matches', lines })
  }
  report({ kind: 'done', files, skipped, full: files >= MAX_FILES || found >= request.maxMatches })
}

function fits(glob: string, path: string): boolean {
  return matchesGlob(glob.includes('/') ? path : basename(path), glob)
}

async function textOf(path: string): Promise<string | null> {
  try {
    const { bytes, more } = await readBytes(path, MAX_FILE_BYTES)
    return more || looksBinary(bytes) ? null : plainText(bytes)
  } catch {
    return null
  }
}

function matches(text: string, pattern: RegExp, limit: number): string[] {
  const found: string[] = []
  for (const [at, line] of text.split('\n').entries()) {
    if (found.length >= limit) break
    if (pattern.test(cut(line, MAX_LINE_CHARS))) found.push(`${at + 1}: ${cut(line.trim(), MAX_SHOWN_CHARS)}`)
  }
  return found
}

const port = parentPort
if (port !== null) await search(workerData as SearchRequest, (message) => port.postMessage(message))
