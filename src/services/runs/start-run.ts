// Use case: start a run.
import type { Answer, Call } from '../../contract/call.ts'
import type { StartRun } from '../../contract/resources.ts'
import { knowsThisMachine } from '../../domain/caller.ts'
import { suggestion } from '../../domain/nearest-word.ts'
import { ServiceError } from '../types.ts'
import { type QueueParts, queueRun } from './queue-run.ts'

export async function startRun(parts: QueueParts, call: Call<'startRun'>): Promise<Answer<'startRun'>> {
  return queueRun(parts, call, { ...located(parts, call), repeats: null, attempt: null })
}

/** Replaces a repository name by its path or URL. Only the machine's owner may give a path of this machine. */
function located({ repositories }: QueueParts, { caller, body }: Call<'startRun'>): StartRun {
  const place = repositories.get(body.repository)
  if (place !== undefined) return { ...body, repository: place, ...ownAdvisories(caller, body) }
  if (knowsThisMachine(caller)) return body
  const known = [...repositories.keys()]
  const cure = known.length === 0 ? 'add it to `repositories` of glovebox.yaml' : suggestion(body.repository, known)
  throw new ServiceError('bad-input', `no repository is named \`${body.repository}\``, { cure })
}

function ownAdvisories(caller: Call<'startRun'>['caller'], { advisories }: StartRun): Pick<StartRun, 'advisories'> {
  if (advisories === null || knowsThisMachine(caller)) return { advisories }
  throw new ServiceError(
    'bad-input',
    "`advisories` names a folder of the server's machine, which only its owner may do",
  )
}
