// Errors of the rooms below as ServiceErrors for people and programs.
import { explainFullDisk } from '../disk/full-disk.ts'
import { ServiceError } from './types.ts'

/** `dataFolder`: what is written is written there. */
export async function withProblems<T>(work: Promise<T>, dataFolder: string): Promise<T> {
  try {
    return await work
  } catch (error) {
    const full = explainFullDisk(error, [dataFolder])
    if (full !== null) throw new ServiceError('unavailable', full, { cause: error })
    // Loaded only after an error, since it knows the errors of all rooms.
    throw (await import('./service-problems.ts')).serviceProblem(error)
  }
}
