// Where a person's data folder is when nobody names one: in the state folder of the XDG Base Directory Specification,
// never in the current folder, which may be a clone of anybody's repository.
import { isAbsolute, join } from 'node:path'
import { ConfigError } from './config-error.ts'
import type { Environment } from './env.ts'

/** The specification has relative paths ignored. ConfigError `bad-variable` when there is no home folder either. */
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
