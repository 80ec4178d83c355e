import type { Migration } from '../migrate.ts'
import { initial } from './0001-initial.ts'
import { modelUsage } from './0004-model-usage.ts'

/** In order; a migration that was released is never changed, only followed by another. */
export const MIGRATIONS: readonly Migration[] = [initial, modelUsage]
