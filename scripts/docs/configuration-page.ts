// docs/configuration.md
import { ConfigFile, ModelEntry } from '../../src/config/config-file.ts'
import { VARIABLES } from '../../src/config/env.ts'
import { Budget } from '../../src/domain/budget.ts'
import { Price } from '../../src/domain/connections/model-connection.ts'
import { SecretSource } from '../../src/domain/connections/secret-source.ts'
import { AddedKind } from '../../src/domain/inspection/protected-kinds.ts'
import { ReachSet } from '../../src/domain/reach.ts'
import type { JsonSchema } from './field-table.ts'
import { fieldTable, schemaOf } from './field-table.ts'

export function configurationPage(): string {
  const schema = schemaOf(ConfigFile, 'input')
  return `# Configuration

Every setting has a default. Flags come first, then variables, then \`glovebox.yaml\` in the data folder. An unknown or
malformed setting stops the start with an error that names it. Relative paths in \`glovebox.yaml\` start at its folder. The
tables are generated from \`src/config/\`.

## The first configuration

\`glovebox init\` makes the data folder, \`glovebox.yaml\` and a first task. On a terminal it asks where, for whom, and which
model; everywhere else its options answer, and \`--yes\` takes the defaults (\`--for team\`, \`--model none\`):

    bin/glovebox init --yes --for me
    bin/glovebox init --yes --for me --model anthropic --key-variable ANTHROPIC_API_KEY
    bin/glovebox init --yes --for team --model openai-compatible --url http://127.0.0.1:11434/v1 --model-id qwen3

\`--for me\` puts [\`solo\`](policies.md#solo) in force. The key of the model is read from a variable at each use, or stored
encrypted (\`--key-file\`, or typed at the terminal, where it is not shown). The task goes into \`.glovebox/tasks\` of the git
repository around the current folder: it installs the dependencies and runs the tests, if it knows how. \`init\` overwrites
nothing, and may be repeated.

## The data folder

Glovebox keeps everything in one folder: the database, mirrors, blobs, keys and \`glovebox.yaml\`. This is the folder that
\`--data\` names, else \`GLOVEBOX_DATA\`, else \`$XDG_STATE_HOME/glovebox\`, else \`~/.local/state/glovebox\`. It is never a
default in the current folder, which may be anybody's repository. \`glovebox data path\` prints it.

The content of the data folder decides what runs on this machine. Glovebox therefore only uses a folder if

- Glovebox made it, or its owner adopted it. In a new or empty folder Glovebox writes the marker file \`glovebox-folder\`,
  which names the folder's inode and time of birth. A repository, an archive or a copy cannot bring these along. Moving the
  folder within its file system keeps them;
- it belongs to the account that runs Glovebox, and nobody else can read or write it;
- no component of its path is a symbolic link, belongs to another account, or is writable by others (folders with the sticky
  bit, such as \`/tmp\`, are allowed). Links that only root can have made, such as \`/var -> /private/var\`, are followed;
  if Glovebox runs as root, it only follows such links in \`/\`;
- no surrounding git repository tracks a file in it. Untracked content may lie in a work tree.

Glovebox refuses every other folder before it reads anything in it. If you made a folder with an earlier version, restored
it from a backup, or want to write its \`glovebox.yaml\` before its first use, vouch for it once:

    mkdir -m 700 /srv/glovebox
    cp glovebox.yaml /srv/glovebox
    bin/glovebox data adopt /srv/glovebox
    bin/glovebox --data /srv/glovebox serve

A folder that you name with \`--data\` or \`GLOVEBOX_DATA\` may have a typing error. If it does not exist, commands that start
something (\`run\`, \`serve\`, \`connection set\`, \`credential set\`, \`doctor\`) make it and say so; all others refuse.

Earlier versions used \`.glovebox\` of the current folder by default. A command that finds a database there says so and does not
touch it. To keep using it, run \`glovebox data adopt .glovebox\`, then give \`--data .glovebox\`.

## Variables

| variable | meaning |
|---|---|
${VARIABLES.map(({ name, description }) => `| \`${name}\` | ${description} |`).join('\n')}

## \`glovebox.yaml\`

${fieldTable(schema)}

${Object.entries(schema.properties ?? {})
  .filter(([, property]) => property.properties)
  .map(subTable)
  .join('\n')}
### A connection of \`models\`

${fieldTable(schemaOf(ModelEntry, 'input'))}

A \`credential\` says where the key comes from:

${SecretSource.options.map((source) => `#### \`from: ${source.shape.from.value}\`\n\n${source.description === undefined ? '' : `${sentence(source.description)}\n\n`}${sourceTable(schemaOf(source, 'input'))}`).join('')}A price:

${fieldTable(schemaOf(Price, 'input'))}

### A name of \`reach\`

${fieldTable(schemaOf(ReachSet, 'input'))}

### A kind of \`protected-paths\`

${fieldTable(schemaOf(AddedKind, 'input'))}

[inspection.md](inspection.md#protected-paths) explains the patterns and lists the built-in protected paths.

### A budget

${fieldTable(schemaOf(Budget, 'input'))}

An example:

\`\`\`yaml
advisories: { kind: osv-directory, path: ./advisories }
services: [nightly]
policies:
  enable: [solo]
sandbox:
  kind: docker
  image: glovebox/base@sha256:0123... # or a tag: its digest at the start of each run is recorded
models:
  openai:
    provider: openai
    url: https://api.openai.com/v1
    models: [gpt-5, gpt-5-mini]
    prices: { gpt-5: { input: 1.25, output: 10, cached-input: 0.125 } }
    credential: { from: command, argv: [op, read, "op://engineering/openai/key"] }
budgets: { run: { cost: 2 }, day: { cost: 50 } }
reach:
  github: { git: [github.com] } # tasks that say \`reach: [github]\` may fetch from there
toolchains: { node-20: /opt/node-20 } # tasks may say \`toolchain: node-20\`
\`\`\`

## Behind a proxy

One rule applies to every connection that leaves the machine for Glovebox: requests of sandboxes to the open network,
registries, models, \`connection test\`, secret stores, and git over https. \`outgoing\` in \`glovebox.yaml\` comes first,
then the variables \`https_proxy\`, \`http_proxy\`, \`all_proxy\` and \`no_proxy\`, lower case before upper case. For the
npm registry, npm's own proxy settings come between these two. The proxy is an HTTP proxy, reached with or without TLS;
https goes through it by CONNECT, and TLS ends at the server. Put a user and a password of the proxy into the variable, not
into the file. Connections to loopback never use a proxy. CA files add to the roots that this machine trusts (Node's, the
system's, \`NODE_EXTRA_CA_CERTS\`). The [threat model](threat-model.md#where-requests-lead) explains what a proxy changes
for sandboxes.

\`\`\`yaml
outgoing:
  proxy: http://proxy.corp.example:3128
  no-proxy: [.corp.example, 10.0.0.0/8]
  ca-files: [/etc/ssl/corp-ca.pem]
\`\`\`

## The npm registry

Runs that may reach \`npm\` use the registry of this machine's npm configuration (\`npm config get registry\`, its CA, its
proxy). The token stays on the host: the gateway adds it, and each use is an event.
`
}

function sourceTable(schema: JsonSchema): string {
  const { from: _, ...properties } = schema.properties ?? {}
  return Object.keys(properties).length === 0 ? '' : `${fieldTable({ ...schema, properties })}\n\n`
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`
}

function subTable([name, property]: [string, JsonSchema]): string {
  return `### \`${name}\`\n\n${fieldTable(property)}\n`
}
