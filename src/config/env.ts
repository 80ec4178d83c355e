// The list of all variables that Glovebox reads. No other file of the project reads process.env.

export interface Variable {
  name: string
  description: string
  /** `path`: relative to the current folder. `present`: any value counts as set (no-color.org). */
  kind: 'path' | 'flag' | 'text' | 'present'
  /** The sandbox sets this variable. Glovebox ignores it, so that Glovebox can run inside a sandbox. */
  ignored?: true
}

export const VARIABLES = [
  { name: 'GLOVEBOX_DATA', kind: 'path', description: 'the data folder; default: `$XDG_STATE_HOME/glovebox`' },
  {
    name: 'GLOVEBOX_ADVISORIES',
    kind: 'path',
    description: 'a folder of OSV records that answers npm audits instead of the registry',
  },
  { name: 'GLOVEBOX_SANDBOX', kind: 'text', description: 'the kind of sandbox; default: bubblewrap' },
  {
    name: 'GLOVEBOX_MASTER_KEY',
    kind: 'text',
    description:
      'the key that encrypts the stored credentials: 32 bytes in base64 or hex; default: `<data>/master-key`',
  },
  {
    name: 'GLOVEBOX_PREVIOUS_MASTER_KEY',
    kind: 'text',
    description: 'the previous master key, until `glovebox credential rotate` has run',
  },
  { name: 'GLOVEBOX_DEBUG', kind: 'flag', description: '1: unexpected errors print their stack' },
  {
    name: 'GLOVEBOX_CALLED_AS',
    kind: 'text',
    description: 'set by `bin/glovebox`: the path by which it was called, for the commands that Glovebox suggests',
  },
  {
    name: 'XDG_STATE_HOME',
    kind: 'text',
    description: 'an absolute path; another value is ignored; default: `~/.local/state`',
  },
  {
    name: 'GLOVEBOX_PAGER',
    kind: 'text',
    description:
      'the program that shows traces and diffs on a terminal, with its options, separated by spaces; `cat` or an empty value: none; default: `PAGER`, else `less -FRX`',
  },
  { name: 'PAGER', kind: 'text', description: 'the pager if `GLOVEBOX_PAGER` is not set' },
  { name: 'NO_COLOR', kind: 'present', description: 'output without colours' },
  { name: 'GLOVEBOX_TASK', kind: 'text', description: 'inside a sandbox: the name of the task', ignored: true },
  {
    name: 'GLOVEBOX_ARTIFACTS',
    kind: 'path',
    description: 'inside a sandbox: the folder for artifacts',
    ignored: true,
  },
] as const satisfies readonly Variable[]

export type Environment = Readonly<Record<string, string | undefined>>

/** The PATH in which programs of the host are found. */
export function searchPath(env: Environment): string {
  return env['PATH'] ?? '/usr/bin:/bin'
}

/** A frozen copy of the environment of the process. */
export function processEnvironment(): Environment {
  return Object.freeze({ ...process.env })
}

/** The variables that are passed to programs on the host, so that the operator's settings apply. None is Glovebox's own. */
export const HOST_VARIABLES = [
  'PATH',
  'HOME',
  'TMPDIR',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'all_proxy',
  'no_proxy',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
] as const
