// From what people type to the whole id: a prefix, or `latest`.
import { ServiceError } from '../services/types.ts'

/** Enough to tell one from several, and to name a few of several. */
const CANDIDATES = 6

/** The command that shows what there is. */
const LISTED = { run: 'runs', change: 'change list', ask: 'ask list' } as const

type List = (filter: { prefix?: string; limit: number }) => Promise<readonly { id: string }[]>

export async function resolveReference(what: keyof typeof LISTED, reference: string, list: List): Promise<string> {
  const latest = reference === 'latest'
  const found = await list(latest ? { limit: 1 } : { prefix: reference, limit: CANDIDATES })
  const [first] = found
  if (first === undefined) {
    const message = latest ? `There is no ${what} yet` : `There is no ${what} "${reference}"`
    throw new ServiceError('not-found', message, {
      cure: `\`glovebox ${LISTED[what]}\` shows what there is`,
    })
  }
  if (!latest && found.length > 1) {
    const ids = found.slice(0, CANDIDATES - 1).map((one) => one.id)
    const more = found.length === CANDIDATES ? ['and more'] : []
    throw new ServiceError('ambiguous', `Several ${what}s start with "${reference}"`, {
      cure: 'give more characters',
      details: [...ids, ...more],
    })
  }
  return first.id
}
