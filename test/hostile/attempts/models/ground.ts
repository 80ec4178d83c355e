// Set-up of attempts on the model gateway: the run's connection, another one, and the providers of
// both on the host's loopback, which keep every request.
import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProviderKind } from '../../../../src/domain/connections/model-connection.ts'
import type { Attempt, AttemptGround, AttemptOutcome } from '../../attempt.ts'
import { expectHeld } from './held.ts'
import { openProvider, type Answer, type Provider } from './provider.ts'

/** The part of the key that the attacker knows: long enough to search for, too short to be of use. */
export const KEY_PREFIX = 'sk-hostile-'

export interface ModelGround {
  kind: ProviderKind
  /** Provider of the run's connection, which has the model `good`. */
  provider: Provider
  key: string
  /** Provider of the other connection, and of every other place where no request may arrive. */
  elsewhere: Provider
}

type ModelAttempt = Omit<Attempt, 'group' | 'before' | 'verify' | 'connection'> & {
  provider?: ProviderKind
  /** The provider's behaviour; default: correct answers. */
  answer?: Answer
  verify(outcome: AttemptOutcome, models: ModelGround): Promise<void> | void
}

const grounds = new Map<string, ModelGround>()

/** After the attempt's own claims, held.ts asserts what must hold for every one of them. */
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
  // Only the encrypted store has the key.
  await rm(file)
  for (const { code, stdout, stderr } of typed) if (code !== 0) throw new Error(`not connected: ${stdout}${stderr}`)
}
