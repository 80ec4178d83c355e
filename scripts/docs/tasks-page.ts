// docs/tasks.md
import { Artifact, ChangeTemplate, Limits, Step, Task, TaskInput } from '../../src/domain/task/task.ts'
import { fieldTable, schemaOf } from './field-table.ts'

export function tasksPage(): string {
  return `# Tasks

A task says what to do. It is one YAML file: built in (\`tasks/\`), or in \`.glovebox/tasks/<name>.yaml\` on the default
branch of the repository. A run never reads tasks or policies from its own workspace. Built-in names come first.

    bin/glovebox task list
    bin/glovebox task show fix-vulnerabilities
    bin/glovebox task check FILE

The field tables are generated from \`src/domain/task/task.ts\`.

## A task

${fieldTable(schemaOf(Task, 'input'))}

## A step

Steps use the keys that people know from GitHub Actions. A script is run by \`sh -e\`. Its inputs are environment
variables, \`INPUT_<NAME>\` in upper case with underscores, and never part of the script's text, so that an input can't
become code. \`\${{ inputs.name }}\` works in \`env\` values and in the texts of \`change\`.

A step with \`agent\` instead of \`run\` asks an [agent](agents.md). What inputs and artifacts put into its \`prompt\` is fenced
as untrusted data. With \`repairs\` it is asked only when that step failed, and the step is run again afterwards: the run
succeeds if it then passes.

${fieldTable(schemaOf(Step, 'input'))}

## Toolchains

Steps have the box's own Node and npm in front of the machine's programs (or the image's). Each program finds the way out,
and the run's CA, by what its ecosystem reads: the proxy variables, \`SSL_CERT_FILE\` and its kin, npm's and cargo's settings,
and for programs of the JVM \`JAVA_TOOL_OPTIONS\` with a key store made for the run. A JVM says so in one line on standard
error, \`Picked up JAVA_TOOL_OPTIONS: ...\`; a step whose standard error must not have it runs \`unset JAVA_TOOL_OPTIONS\`.
\`npm_config_nodedir\` leads node-gyp to the headers of the box's Node, so that native packages build without a download.
Of Maven's files in \`/etc\` a box shows those without which it does not start, and not \`settings.xml\`: a repository that
needs one brings its own.

## Inputs

${fieldTable(schemaOf(TaskInput, 'input'))}

## Limits

Sizes are a number of bytes or text such as \`512 MiB\`. A limit that is hit ends the step or the run, and is named.
Sockets may hold an eighth of \`memory\` in their buffers, and 8 MiB in any case. What else a run may take of the machine, and
what holds it, is in the [threat model](threat-model.md#limits-and-what-holds-them).

${fieldTable(schemaOf(Limits, 'input'))}

## Artifacts

Files that are taken out through the guest. \`$GLOVEBOX_ARTIFACTS\` names a folder for them (\`/tmp/artifacts\`).

${fieldTable(schemaOf(Artifact, 'input'))}

## The change

What is left in the working tree after the last step is committed inside the sandbox and pushed to quarantine on the
branch \`glovebox/<task>/<run>\`.

${fieldTable(schemaOf(ChangeTemplate, 'input'))}
`
}
