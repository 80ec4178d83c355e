// What attempts on the model gateway stand on: the connection of the run, one that is not for it, and the providers of
// both on the host's loopback, which keep whatever they are sent.
import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProviderKind } from '../../../../src/domain/connections/model-connection.ts'
import type { Attempt, AttemptGround, AttemptOutcome } from '../../attempt.ts'
import { expectHeld } from './held.ts'
import { openProvider, type Answer, type Provider } from './provider.ts'

/** What the attacker knows of the key; it is long enough to look for, and short enough to tell nothing. */
export const KEY_PREFIX = 'sk-hostile-'

export interface ModelGround {
  kind: ProviderKind
  /** Of the run's connection, which has the model `good`. */
  provider: Provider
  key: string
  /** Of the connection of others, and wherever else nothing may ever arrive. */
  elsewhere: Provider
}

type ModelAttempt = Omit<Attempt, 'group' | 'before' | 'verify' | 'connection'> & {
  provider?: ProviderKind
  /** What the provider does; default: it answers as it should. */
  answer?: Answer
  verify(outcome: AttemptOutcome, models: ModelGround): Promise<void> | void
}

const grounds = new Map<string, ModelGround>()

/** What must hold for each of them is asserted after what this one claims (held.ts). */
export function onModels({ provider: kind = 'anthropic', answer, verify, ...attempt }: ModelAttempt): Attempt {
  return {
    ...attempt,
    group: 'models',
    connection: attempt.id,
    async before(ground, cleanup) {
      const key = KEY_PREFIX + randomBytes(24).toString('base64url')
      const provider = cleanup.use(await openProvider({ key, ...(answer && { answer }) }))
      const elsewhere = cleanup.use(await openProvider({ key }))
      const other = `${attempt.id}-other`
      await connect(ground, { name: attempt.id, kind, at: provider, key })
      await connect(ground, { name: other, kind, at: elsewhere, key: KEY_PREFIX + randomBytes(24).toString('hex') })
      const known = { OWN_CONNECTION: attempt.id, OTHER_CONNECTION: other }
      Object.assign(ground.env, known, { PROVIDER: provider.address, ELSEWHERE: elsewhere.address })
      const models = { kind, provider, key, elsewhere }
      grounds.set(ground.folder, models)
      cleanup.defer(() => void grounds.delete(ground.folder))
    },
    async verify(outcome, ground) {
      const models = grounds.get(ground.folder)
      if (models === undefined) throw new Error('there are no models')
      await verify(outcome, models)
      await expectHeld(outcome, models, ground)
    },
  }
}

interface Connected {
  name: string
  kind: ProviderKind
  at: Provider
  key: string
}

async function connect(ground: AttemptGround, { name, kind, at, key }: Connected): Promise<void> {
  const file = join(ground.folder, 'key')
  await writeFile(file, key, { mode: 0o600 })
  const url = `http://${at.address}`
  const typed = [
    await ground.type('connection', 'set', name, '--provider', kind, '--url', url, '--model', 'good'),
    await ground.type('credential', 'set', name, '--file', file),
  ]
  // The encrypted store is the only place that has it.
  await rm(file)
  for (const { code, stdout, stderr } of typed) if (code !== 0) throw new Error(`not connected: ${stdout}${stderr}`)
}
