// The default data folder: in the state folder of the XDG Base Directory Specification. It is never the current folder,
// which may be a clone of an untrusted repository.
import { isAbsolute, join } from 'node:path'
import { ConfigError } from './config-error.ts'
import type { Environment } from './env.ts'

/** Relative paths are ignored, as the specification says. Throws ConfigError `bad-variable` without a home folder. */
export function defaultDataFolder(env: Environment): string {
  const state = env['XDG_STATE_HOME'] ?? ''
  if (isAbsolute(state)) return join(state, 'glovebox')
  const home = env['HOME'] ?? ''
  if (isAbsolute(home)) return join(home, '.local', 'state', 'glovebox')
  throw new ConfigError(
    'bad-variable',
    'no data folder: HOME is not set to an absolute path; name a folder with --data or GLOVEBOX_DATA',
  )
}
