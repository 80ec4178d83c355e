// Coverage of the files under test, from V8's own block coverage. It needs no instrumentation and no native code.
import { Session, type Profiler } from 'node:inspector'
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'

export interface Coverage {
  /** Whether code ran since the last call that never ran before. */
  grew(): boolean
  /** Forgets the new code of the last call, so that it counts as new again. */
  forgetLast(): void
  /** Share of the files' characters that ran, from 0 to 1. */
  share(): number
  stop(): void
}

const ROOT = join(import.meta.dirname, '../..')

/** Start it before the files are imported. */
export function startCoverage(files: readonly string[]): Coverage {
  const seen = new Map<string, Uint8Array>(
    files.map((file) => [pathToFileURL(join(ROOT, file)).href, new Uint8Array(0)]),
  )
  const session = new Session()
  session.connect()
  post(session, 'Profiler.enable')
  post(session, 'Profiler.startPreciseCoverage', { callCount: true, detailed: true })

  let last: { all: Uint8Array; at: number }[] = []

  function grew(): boolean {
    last = []
    const { result } = post(session, 'Profiler.takePreciseCoverage') as Profiler.TakePreciseCoverageReturnType
    for (const { url, functions } of result) {
      const before = seen.get(url)
      if (before === undefined) continue
      const now = ran(functions, before.length)
      if (before.length < now.length) seen.set(url, grown(before, now.length))
      const all = seen.get(url) as Uint8Array
      for (let at = 0; at < now.length; at++) {
        if (now[at] !== 1 || all[at] === 1) continue
        all[at] = 1
        last.push({ all, at })
      }
    }
    return last.length > 0
  }

  return {
    grew,
    forgetLast() {
      for (const { all, at } of last) all[at] = 0
    },
    share() {
      let [ran, all] = [0, 0]
      for (const bytes of seen.values()) {
        all += bytes.length
        for (const byte of bytes) ran += byte
      }
      return all === 0 ? 0 : ran / all
    },
    stop: () => session.disconnect(),
  }
}

/** Marks executed characters. Ranges are ordered from outer to inner, and an inner range overrides. */
function ran(functions: readonly Profiler.FunctionCoverage[], atLeast: number): Uint8Array {
  const ranges = functions.flatMap((one) => one.ranges)
  const characters = new Uint8Array(Math.max(atLeast, ...ranges.map((range) => range.endOffset)))
  for (const { startOffset, endOffset, count } of ranges) characters.fill(count > 0 ? 1 : 0, startOffset, endOffset)
  return characters
}

function grown(bytes: Uint8Array, length: number): Uint8Array {
  const longer = new Uint8Array(length)
  longer.set(bytes)
  return longer
}

/** Calls the inspector, which in the same thread answers before `post` returns. */
function post(session: Session, method: string, params?: object): unknown {
  let answer: unknown
  session.post(method, params, (error, result) => {
    if (error !== null) throw new Error(`${method}: ${error.message}`)
    answer = result
  })
  return answer
}
