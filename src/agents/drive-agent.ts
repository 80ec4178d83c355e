import { driveAcp } from './acp/drive-acp.ts'
import { BOUNDS } from './bounds.ts'
import type { Bounds } from './bounds.ts'
import { drivePlain } from './plain/drive-plain.ts'
import type { DriveAgent } from './types.ts'

export const driveAgent: DriveAgent = driveWithin(BOUNDS)

export function driveWithin(bounds: Bounds): DriveAgent {
  return (options) => (options.kind.protocol === 'acp' ? driveAcp(options, bounds) : drivePlain(options, bounds))
}
