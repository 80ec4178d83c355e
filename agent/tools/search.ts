import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Worker } from 'node:worker_threads'
import { z } from 'zod'
import { locate } from './locate.ts'
import { oneLine } from './plain-text.ts'
import type { SearchReport, SearchRequest } from './search-files.ts'
import { defineTool } from './types.ts'

/**
 * A JavaScript pattern can backtrack for ever on some lines; after this time the worker is ended, and the result says
 * so.
 */
const TIME_LIMIT_MS = 20_000
const MAX_MATCHES = 200

const schema = z.object({
  pattern: z.string().min(1).max(1_000).describe('A JavaScript regular expression, matched line by line.'),
  path: z.string().min(1).max(4096).optional().describe('A folder or file; the default is the working directory.'),
  glob: z.string().min(1).max(200).optional().describe('Only these files, e.g. *.ts or src/**/*.ts.'),
  ignore_case: z.boolean().optional(),
})

export const search = defineTool(schema, {
  name: 'search',
  description:
    'Finds the lines of text files that match a pattern. Skips .git, node_modules, binary files, files over 4 MiB and ' +
    'symbolic links.',
  kind: 'search',
  asks: false,
  announce: ({ pattern, path = '.' }, cwd) => ({
    title: oneLine(`Search ${path} for ${pattern}`, 200),
    locations: [{ path: resolve(cwd, path) }],
  }),
  async run({ pattern, path: named = '.', glob = null, ignore_case: ignoreCase = false }, { cwd, signal }) {
    const flags = ignoreCase ? 'iu' : 'u'
    const problem = problemOf(pattern, flags)
    if (problem !== null) return { ok: false, text: problem }
    const { path, note } = await locate(named, cwd)
    await stat(path)
    const found = await inWorker({ root: path, cwd, pattern, flags, glob, maxMatches: MAX_MATCHES }, signal)
    return { ok: found.ok, text: [note, ...found.lines, found.verdict].filter(Boolean).join('\n') }
  },
})

function problemOf(pattern: string, flags: string): string | null {
  try {
    RegExp(pattern, flags)
    return null
  } catch (error) {
    return (error as Error).message
  }
}

interface Found {
  ok: boolean
  lines: string[]
  verdict: string
}

async function inWorker(request: SearchRequest, signal: AbortSignal): Promise<Found> {
  const worker = new Worker(new URL('search-files.ts', import.meta.url), { workerData: request })
  const lines: string[] = []
  let current = request.root
  try {
    const { promise, resolve: settle, reject } = Promise.withResolvers<Found>()
    const stopped = (verdict: string): void => settle({ ok: false, lines, verdict })
    const timer = setTimeout(
      () =>
        stopped(
          `[stopped after ${TIME_LIMIT_MS / 1000} seconds, at ${current}: use a simpler pattern or a narrower path]`,
        ),
      TIME_LIMIT_MS,
    )
    const cancel = (): void => stopped('[cancelled]')
    signal.addEventListener('abort', cancel)
    if (signal.aborted) cancel()
    worker.on('error', reject)
    worker.on('exit', () => stopped('[the search ended unexpectedly]'))
    worker.on('message', (report: SearchReport) => {
      if (report.kind === 'file') current = report.path
      if (report.kind === 'matches') lines.push(...report.lines)
      if (report.kind === 'done') settle({ ok: true, lines, verdict: verdictOf(report, lines.length) })
    })
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', cancel)
    }
  } finally {
    await worker.terminate()
  }
}

function verdictOf({ files, skipped, full }: SearchReport & { kind: 'done' }, matches: number): string {
  const left = skipped === 0 ? '' : `, ${skipped} of them not searched (binary, too large or unreadable)`
  const more = full ? '; there may be more' : ''
  return `[${matches} matches in ${files} files${left}${more}]`
}
