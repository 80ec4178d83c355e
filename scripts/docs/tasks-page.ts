// Generator of docs/tasks.md.
import { Artifact, ChangeTemplate, Limits, Step, Task, TaskInput } from '../../src/domain/task/task.ts'
import { fieldTable, schemaOf } from './field-table.ts'

export function tasksPage(): string {
  return `# Tasks

A task says what to do. It is one YAML file: a built-in one in \`tasks/\`, or \`.glovebox/tasks/<name>.yaml\` on the default
branch of the repository. A run never reads tasks or policies from its own workspace. Built-in names take precedence.

    bin/glovebox task list
    bin/glovebox task show fix-vulnerabilities
    bin/glovebox task check FILE

The field tables are generated from \`src/domain/task/task.ts\`.

## Tasks that are not installed

    bin/glovebox run ./my-task.yaml --repo PATH
    bin/glovebox run --prompt 'Fix the flaky test' --agent claude-code --repo PATH
    bin/glovebox run --reach npm --repo PATH -- npm ci

A word that contains a slash or ends in \`.yaml\` or \`.yml\` is a file. The command line reads it and sends its text; the
server makes the checks of \`task check\`, keeps the text on the record, and executes that text. On the record and for
[policies](policies.md#work-that-is-not-installed) such a task is called \`ad-hoc/NAME\`, so that no file can pass for an
installed task. A prompt is a task named \`prompt\` with one \`agent: default\` step, in mode \`write\` unless \`--mode\` says
otherwise. A command is a task named \`command\` with one step, in mode \`read-only\` unless \`--mode\` says otherwise. \`--reach\`
gives both what \`reach\` gives a task file.

\`glovebox rerun RUN\` sends the request of an earlier run again: the same task, inputs, repository and ref, and the agent,
connection and model that the earlier plan chose. \`--same-commit\` takes the commit of the earlier run, too. At the end it
says what differs: the commit, the text of the task, the policies, the sandbox, the toolchain.

## A task

${fieldTable(schemaOf(Task, 'input'))}

## A step

Steps use the keys of GitHub Actions. \`sh -e\` runs a script. The inputs of the task are environment variables,
\`INPUT_<NAME>\` in upper case with underscores. They are never part of the script's text, so an input cannot become code.
\`\${{ inputs.name }}\` works in \`env\` values and in the texts of \`change\`.

A step with \`agent\` instead of \`run\` asks an [agent](agents.md). Inputs and artifacts in its \`prompt\` are fenced as
untrusted data. With \`repairs\`, the agent is asked only if the named step failed, and that step then runs again. If it
passes, the run succeeds.

${fieldTable(schemaOf(Step, 'input'))}

## The environment of a step

A step runs in a clone of the repository at one commit, with the tags of its history (the 500 newest). \`--ref\` names a
branch, a tag, or a commit by its id (at least seven digits); without it, the run works on the default branch. In a local
repository that is the branch that is checked out, at its last commit: \`run\` says how many uncommitted files are not part of
it. For a tag or a commit, the change targets the default branch
if that contains the commit, else the first branch by name that does; the run says which. If only a tag contains the commit,
a change can be published but not merged.

Faulty objects that the repository already has do not fail a run. Objects that a run adds must pass all of git's checks. Grafts
and replacements of the source are ignored. Complete a shallow or partial clone before you run a task on it.

Besides its inputs, a step has these environment variables. Their values are the same in every run of the task on the same
commit: they contain no id, no time of day, no setting of the host.

| variable | value |
|---|---|
| \`GLOVEBOX\`, \`CI\` | \`1\`, \`true\` |
| \`GLOVEBOX_TASK\` | name of the task |
| \`GLOVEBOX_ARTIFACTS\` | a folder; artifacts are taken from it |
| \`GIT_AUTHOR_NAME\`, \`GIT_AUTHOR_DATE\`, \`GIT_COMMITTER_…\` | those of [the commit of the change](#the-change) |
| \`SOURCE_DATE_EPOCH\` | committer date of the commit that the run works on, 1980 at the earliest |
| \`TZ\`, \`LANG\`, \`HOME\`, \`USER\`, \`TMPDIR\` | \`UTC\`, \`C.UTF-8\`, \`/home/glovebox\`, \`glovebox\`, \`/tmp\` |
| proxy, certificate and registry variables | the way to the gateway |

## Other repositories, Git LFS and ssh

A run only reaches its own repository, and what the names in \`reach\` stand for: \`npm\` is the registry; the operator's
[configuration](configuration.md#a-name-of-reach) or [policies](policies.md) define other names. A task never names hosts
itself, because it may come from the repository. An unknown name is an error.

    reach:                                   # glovebox.yaml
      github: { git: [github.com] }

With \`reach: [github]\`, a task may clone and fetch from \`github.com\` over https, without a credential: submodules
(\`git submodule update --init\` in a step), dependencies from git, and requests of Git LFS. git reads the ssh and
\`git://\` addresses of that host (\`git@github.com:\`, \`ssh://git@github.com/\`) as https; ssh to any other host fails
with one sentence. Each request is decided and recorded. A run cannot push there.

- Private submodules and dependencies are not supported yet: the gateway adds no credential for them.
- If the repository is a folder of this machine, its submodules with relative URLs cannot be fetched, because they have no host.
- The clone leaves files of **Git LFS** as pointers (\`GIT_LFS_SKIP_SMUDGE=1\`). A step that needs them runs
  \`git lfs pull\`. That needs git-lfs in the box, the repository's host as \`git\`, and the host of the files as \`read\`.
  A change cannot add files to Git LFS, because that would be an upload.
- The run says at its start if the repository has submodules or files of Git LFS that no step could fetch.

## Toolchains

Steps find the Node and npm of Glovebox before the programs of the machine or the image. The run records their versions, and
says if \`engines\`, \`.nvmrc\` or \`.node-version\` of the repository want another version and
[the configuration](configuration.md) has none that fits all of them. Otherwise steps find that one, the highest of several.
\`toolchain\` names another one
from [the configuration](configuration.md): a folder of this machine with \`bin/node\`, such as an unpacked archive of
nodejs.org, mounted read-only. In Docker, it must fit the libc of the image. With \`system\`, steps find the programs of the
image or of the host's \`/usr\`, whose versions are not recorded. Agents keep the Node of Glovebox; the commands that they
run find the task's Node.

    toolchains: { node-20: /opt/node-20 }    # glovebox.yaml
    toolchain: node-20                       # the task

The box tells each program about the proxy and the run's CA through the settings of its ecosystem: the proxy variables,
\`SSL_CERT_FILE\` and similar ones, the settings of npm and cargo, and for programs of the JVM \`JAVA_TOOL_OPTIONS\` with a
key store made for the run. A JVM reports this in one line on standard error, \`Picked up JAVA_TOOL_OPTIONS: ...\`; if a
step cannot accept that line, it runs \`unset JAVA_TOOL_OPTIONS\`. \`npm_config_nodedir\` points node-gyp to the headers of
the box's Node, so that native packages build without a download. The box has the files of Maven in \`/etc\` that Maven
needs to start, but not \`settings.xml\`: a repository that needs one brings its own.

## Inputs

${fieldTable(schemaOf(TaskInput, 'input'))}

## Limits

Sizes are a number of bytes or text such as \`512 MiB\`. A step or run that hits a limit ends, with that limit as its reason.
Socket buffers may hold an eighth of \`memory\`, and at least 8 MiB. The
[threat model](threat-model.md#limits-and-what-holds-them) lists the other limits and the mechanism behind each.

${fieldTable(schemaOf(Limits, 'input'))}

## Artifacts

The guest takes these files out of the sandbox. \`$GLOVEBOX_ARTIFACTS\` names a folder for them (\`/tmp/artifacts\`).

${fieldTable(schemaOf(Artifact, 'input'))}

## The change

After the last step, the changes in the working tree are committed inside the sandbox and pushed to quarantine. A file counts as
changed if its bytes or its mode differ from those that git itself would write. Line endings that \`.gitattributes\` would
convert, an expanded \`$Id$\` and other filters do not count, unless a step stages them (\`git add
--renormalize\`). If a step edited a file, git commits the whole file as \`.gitattributes\` says.

A step may also commit and push by itself, to the branch \`glovebox-change\`, which has the same name in every run. A published
change gets the branch \`glovebox/<task>/<run>\`, or the one that \`branch\` names.

The same work on the same commit gives the same commit. Author and committer are \`Glovebox <run@glovebox.invalid>\`, both
dates are one second after the committer date of the run's commit (1980 at the earliest), and the message does not name the
run. The merge commit names the requester, the run and the approvers.

${fieldTable(schemaOf(ChangeTemplate, 'input'))}
`
}
