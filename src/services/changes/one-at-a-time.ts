// Decisions, publishing and merging of one change wait for each other.
import type { ServiceParts } from '../parts.ts'

export function oneAtATime<T>(parts: Pick<ServiceParts, 'git'>, change: string, work: () => Promise<T>): Promise<T> {
  return parts.git.exclusive(`change ${change}`, work)
}
