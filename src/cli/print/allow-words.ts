// The commands that would permit what no policy permits yet.
import type { EventBody } from '../../domain/event.ts'
import type { Run } from '../../domain/run.ts'
import { formatText } from '../arguments/command-line.ts'
import { shellWord } from '../session/suggest-command.ts'

const MAX_OFFERS = 3
/** A URL is a stranger's text; these are the hosts that `policy allow` accepts. */
const HOST = /^(?!.*\.\.)[a-z0-9][a-z0-9.-]*\.[a-z0-9-]*[a-z]$/

/** `example.com:8443 --method POST`, or `npm` for a registry; null if no policy could permit it. */
export function allowWords({ method, url, service }: EventBody<'net.requested'>): string | null {
  if (service !== 'egress') return null
  const target = typeof url === 'string' ? URL.parse(url) : null
  if (target === null || !HOST.test(target.hostname)) return null
  const reads = method === 'GET' || method === 'HEAD'
  if (!reads && !['POST', 'PUT', 'PATCH', 'DELETE'].includes(String(method))) return null
  return `${target.host}${target.protocol === 'http:' ? ' --http' : ''}${reads ? '' : ` --method ${String(method)}`}`
}

/** Whole commands, without the name of the program. Runs without a task of their own name the repository instead. */
export function allowCommands(refusals: readonly { allow?: string }[], run: Run): string[] {
  const where = run.taskSource === 'ad-hoc' ? ` --repo ${shellWord(formatText(run.repository))}` : ''
  const words = [...new Set(refusals.flatMap(({ allow }) => allow ?? []))].slice(0, MAX_OFFERS)
  return words.map((one) => `policy allow ${one} --task ${formatText(run.task)}${where}`)
}
