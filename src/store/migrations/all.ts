import type { Migration } from '../migrate.ts'
import { initial } from './0001-initial.ts'
import { credentials } from './0002-credentials.ts'
import { asks } from './0003-asks.ts'
import { modelUsage } from './0004-model-usage.ts'
import { decisions } from './0005-decisions.ts'
import { queue } from './0006-queue.ts'
import { log } from './0007-log.ts'
import { requests } from './0008-requests.ts'
import { leases } from './0009-leases.ts'
import { connectionKinds } from './0010-connection-kinds.ts'
import { attempts } from './0011-attempts.ts'
import { shortIds } from './0012-short-ids.ts'

/** All migrations, in order. A released migration is never changed, only followed by another. */
export const MIGRATIONS: readonly Migration[] = [
  initial,
  credentials,
  asks,
  modelUsage,
  decisions,
  queue,
  log,
  requests,
  leases,
  connectionKinds,
  attempts,
  shortIds,
]
