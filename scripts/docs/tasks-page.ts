// Generator of docs/tasks.md.
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

## What a step finds

A step runs in a clone of the repository at one commit, with the tags of its history (the 500 newest). \`--ref\` names a
branch, a tag, or a commit by its id, of which seven digits are enough. On a tag or a commit, the change is meant for the
default branch where that holds the commit, else for the first branch in order of name that does; the run says so. On a
commit that only a tag holds, a change can be published and not merged.

The repository may be old: faults of objects that it has are none of the run's. What a run adds is held to all checks of
git. Grafts and replacements of the source do not count; a shallow or a partial clone has to be completed first.

Beside its inputs, a step finds in its environment what is the same in every run of the task on the same commit: no id, no
time of day, no setting of the host.

| variable | value |
|---|---|
| \`GLOVEBOX\`, \`CI\` | \`1\`, \`true\` |
| \`GLOVEBOX_TASK\` | name of the task |
| \`GLOVEBOX_ARTIFACTS\` | a folder for files that are taken out |
| \`GIT_AUTHOR_NAME\`, \`GIT_AUTHOR_DATE\`, \`GIT_COMMITTER_…\` | those of [the commit of the change](#the-change) |
| \`SOURCE_DATE_EPOCH\` | committer date of the commit that the run works on, 1980 at the earliest |
| \`TZ\`, \`LANG\`, \`HOME\`, \`USER\`, \`TMPDIR\` | \`UTC\`, \`C.UTF-8\`, \`/home/glovebox\`, \`glovebox\`, \`/tmp\` |
| proxy, certificate and registry variables | what leads to the gateway |

## Other repositories, Git LFS and ssh

A run reaches nothing but its own repository, unless the names in \`reach\` stand for more: \`npm\` for the registry, and what
[the configuration](configuration.md#a-name-of-reach) or [policies](policies.md) of the operator know. A task never names hosts
itself, since it may come from the repository. A name that nobody knows is an error.

    reach:                                   # glovebox.yaml
      github: { git: [github.com] }

With \`reach: [github]\`, a task may clone and fetch from \`github.com\` over https, without a credential: submodules
(\`git submodule update --init\` in a step), dependencies from git, and what Git LFS asks for. The ssh and \`git://\` addresses of
that host (\`git@github.com:\`, \`ssh://git@github.com/\`) are read as https by themselves; ssh to any other host ends with one
sentence. Each request is decided and recorded. Nothing can be pushed there.

- Private submodules and dependencies are not supported yet: the gateway adds no credential for them.
- Of a repository that is a folder of this machine, submodules with relative URLs have no host to be fetched from.
- The clone leaves files of **Git LFS** as pointers (\`GIT_LFS_SKIP_SMUDGE=1\`). A step that needs them runs \`git lfs pull\`, where
  the box has git-lfs, the repository's host is granted as \`git\`, and the host that keeps the files as \`read\`. A change
  can't add files to Git LFS: that would be an upload.
- The run says at its start where a repository has submodules or files of Git LFS that nothing would fetch.

## Toolchains

Steps find the Node and npm that come with Glovebox in front of the machine's programs (or the image's). The run records their versions, and says where \`engines\`, \`.nvmrc\` or
\`.node-version\` of the repository want another. \`toolchain\` names one of [the configuration](configuration.md)'s instead: a
folder of this machine with \`bin/node\`, as the archives of nodejs.org unpack, mounted read-only. In Docker, its libc has
to be the image's. With \`system\`, nothing is put in front of \`PATH\`: what the image or the host's \`/usr\` has counts, and its
version is not recorded. Agents keep the Node that comes with Glovebox; what they run finds the task's.

    toolchains: { node-20: /opt/node-20 }    # glovebox.yaml
    toolchain: node-20                       # the task

Each program finds the way out,
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

What is left in the working tree after the last step is committed inside the sandbox and pushed to quarantine. A file
counts as changed when its bytes or its mode are not what git itself writes for it: line endings that \`.gitattributes\` would
have otherwise, an expanded \`$Id$\` and other filters are no change of the run, unless a step stages them (\`git add
--renormalize\`). Of a file that a step edited, git commits all of it as \`.gitattributes\` says.

A step may commit and push itself, to the branch \`glovebox-change\`, which every run calls the same. Outside it is called
\`glovebox/<task>/<run>\`, or what \`branch\` says.

The same work on the same commit gives the same commit: author and committer are
\`Glovebox <run@glovebox.invalid>\`, both dates are one second after the committer date of the commit that the run works on
(1980 at the earliest), and the message names no run. Who asked, what ran and who approved stand in the merge commit.


${fieldTable(schemaOf(ChangeTemplate, 'input'))}
`
}
