// What this machine lets a test see. Without writable cgroups (an ordinary user without delegation) limits are held by
// rlimits, which end a process but do not say which limit it was; coverage names the mechanism then.
import { findCgroups } from '../src/sandbox/bubblewrap/find-cgroups.ts'

export const IS_ROOT = process.getuid?.() === 0

const cgroups = await findCgroups()
export const LIMITS_ARE_NAMED = cgroups.memory !== null && cgroups.pids !== null
