// All commands, in the order of `glovebox --help`. The file of a command is loaded only if the command line names it, so
// that help and usage errors load nothing else.
import type { CommandRow, GroupRow } from './add-command.ts'

const AFTER_ASK = `
A request without an answer is denied after \`agents.ask-minutes\` of glovebox.yaml, or 10 minutes.`

export const COMMANDS: readonly (CommandRow | GroupRow)[] = [
  {
    usage: 'init',
    summary: 'make the data folder, its glovebox.yaml, and a first task in this repository',
    load: async () => (await import('./commands/instance/init.ts')).registerInit,
  },
  {
    usage: 'run [task]',
    summary: 'run a task, a prompt or one command on a repository in a sandbox',
    load: async () => (await import('./commands/runs/run.ts')).registerRun,
  },
  {
    usage: 'rerun <run>',
    summary: 'start a run again: the same task, inputs, agent, model, repository and ref',
    load: async () => (await import('./commands/runs/rerun.ts')).registerRerun,
  },
  {
    group: 'runs',
    summary: 'finished and current runs',
    commands: [
      {
        usage: 'list',
        summary: 'list runs, newest first',
        isDefault: true,
        load: async () => (await import('./commands/runs/runs-list.ts')).registerRunsList,
      },
      {
        usage: 'show <run>',
        summary: 'show a run: result, steps, files, refusals, change',
        load: async () => (await import('./commands/runs/runs-show.ts')).registerRunsShow,
      },
      {
        usage: 'cancel <run>',
        summary: 'ask a run to stop',
        load: async () => (await import('./commands/runs/runs-cancel.ts')).registerRunsCancel,
      },
      {
        usage: 'prune',
        summary: 'remove output, artifacts, diffs and other bulky contents of old runs; their events stay',
        load: async () => (await import('./commands/runs/runs-prune.ts')).registerRunsPrune,
      },
    ],
  },
  {
    usage: 'trace <run>',
    summary: 'print the events of a run, one per line (with --json: JSON Lines)',
    load: async () => (await import('./commands/runs/trace.ts')).registerTrace,
  },
  {
    usage: 'output <run> <step>',
    summary: 'print the output of a step; <step> is its name, or its number from 0',
    load: async () => (await import('./commands/runs/output.ts')).registerOutput,
  },
  {
    usage: 'artifact <run> [name]',
    summary: 'print an artifact of a run, or list its artifacts',
    load: async () => (await import('./commands/runs/artifact.ts')).registerArtifact,
  },
  {
    group: 'ask',
    summary: 'requests of agents that wait for an answer',
    after: AFTER_ASK,
    commands: [
      {
        usage: 'list',
        summary: 'list requests of agents that wait for an answer, newest first',
        isDefault: true,
        load: async () => (await import('./commands/ask/ask-list.ts')).registerAskList,
      },
      {
        usage: 'show <ask>',
        summary: 'show a request with the whole input of its tool call',
        load: async () => (await import('./commands/ask/ask-show.ts')).registerAskShow,
      },
      {
        usage: 'allow <ask>',
        summary: 'allow the request of an agent',
        load: async () => (await import('./commands/ask/ask-allow.ts')).registerAskAllow,
      },
      {
        usage: 'deny <ask>',
        summary: 'deny the request of an agent',
        load: async () => (await import('./commands/ask/ask-deny.ts')).registerAskDeny,
      },
    ],
  },
  {
    usage: 'review [change]',
    summary: 'show the open changes one after the other, and approve or reject each in place',
    load: async () => (await import('./commands/change/review.ts')).registerReview,
  },
  {
    group: 'change',
    summary: 'changes that runs propose, and decisions about them',
    commands: [
      {
        usage: 'list',
        summary: 'list changes, newest first',
        isDefault: true,
        load: async () => (await import('./commands/change/change-list.ts')).registerChangeList,
      },
      {
        usage: 'show <change>',
        summary: 'show a change, its checks, decisions and gate',
        load: async () => (await import('./commands/change/change-show.ts')).registerChangeShow,
      },
      {
        usage: 'diff <change>',
        summary: "print a change's diff: coloured and escaped on a terminal, unchanged bytes elsewhere",
        json: false,
        load: async () => (await import('./commands/change/change-diff.ts')).registerChangeDiff,
      },
      {
        usage: 'approve <change>',
        summary: 'approve the current commit of a change',
        load: async () => (await import('./commands/change/change-approve.ts')).registerChangeApprove,
      },
      {
        usage: 'reject <change>',
        summary: 'reject a change',
        load: async () => (await import('./commands/change/change-reject.ts')).registerChangeReject,
      },
      {
        usage: 'retry <change>',
        summary: 'run the task of a change again on its files, with review comments; the result replaces its commit',
        load: async () => (await import('./commands/change/change-retry.ts')).registerChangeRetry,
      },
      {
        usage: 'publish <change>',
        summary: 'push a change to the forge as a new branch, if its gate is open',
        load: async () => (await import('./commands/change/change-publish.ts')).registerChangePublish,
      },
      {
        usage: 'merge <change>',
        summary: 'merge a change into its target branch, if its gate is open',
        load: async () => (await import('./commands/change/change-merge.ts')).registerChangeMerge,
      },
    ],
  },
  {
    group: 'task',
    summary: 'tasks that a run can execute',
    commands: [
      {
        usage: 'list',
        summary: 'list the tasks',
        isDefault: true,
        load: async () => (await import('./commands/task/task-list.ts')).registerTaskList,
      },
      {
        usage: 'show <task>',
        summary: 'print a task file',
        load: async () => (await import('./commands/task/task-show.ts')).registerTaskShow,
      },
      {
        usage: 'check <file>',
        summary: 'check a task file',
        load: async () => (await import('./commands/task/task-check.ts')).registerTaskCheck,
      },
    ],
  },
  {
    group: 'policy',
    summary: 'policies that decide what is allowed',
    commands: [
      {
        usage: 'list',
        summary: 'list the policies and whether they are in force',
        isDefault: true,
        load: async () => (await import('./commands/policy/policy-list.ts')).registerPolicyList,
      },
      {
        usage: 'check <file>',
        summary: 'check a policy file',
        load: async () => (await import('./commands/policy/policy-check.ts')).registerPolicyCheck,
      },
      {
        usage: 'allow <host>',
        summary: 'write a policy that lets the runs of a task reach a host',
        load: async () => (await import('./commands/policy/policy-allow.ts')).registerPolicyAllow,
      },
    ],
  },
  {
    group: 'connection',
    summary: 'connections to models, and which models may be used',
    commands: [
      {
        usage: 'list',
        summary: 'list the connections',
        isDefault: true,
        load: async () => (await import('./commands/connection/connection-list.ts')).registerConnectionList,
      },
      {
        usage: 'show <name>',
        summary: 'show a connection',
        load: async () => (await import('./commands/connection/connection-show.ts')).registerConnectionShow,
      },
      {
        usage: 'set <name>',
        summary: 'set a model connection; set its key with `credential set <name>`',
        load: async () => (await import('./commands/connection/connection-set.ts')).registerConnectionSet,
      },
      {
        usage: 'remove <name>',
        summary: 'remove a connection that was set with `connection set`',
        load: async () => (await import('./commands/connection/connection-remove.ts')).registerConnectionRemove,
      },
      {
        usage: 'test <name>',
        summary: 'test the key of a connection by requesting the list of models',
        load: async () => (await import('./commands/connection/connection-test.ts')).registerConnectionTest,
      },
    ],
  },
  {
    group: 'credential',
    summary: 'keys that the gateway adds to requests, in an encrypted store',
    commands: [
      {
        usage: 'list',
        summary: 'list the stored credentials, without their values',
        isDefault: true,
        load: async () => (await import('./commands/credential/credential-list.ts')).registerCredentialList,
      },
      {
        usage: 'set <name>',
        summary: 'put a credential into the encrypted store, from standard input or a file',
        load: async () => (await import('./commands/credential/credential-set.ts')).registerCredentialSet,
      },
      {
        usage: 'remove <name>',
        summary: 'remove a credential from the encrypted store',
        load: async () => (await import('./commands/credential/credential-remove.ts')).registerCredentialRemove,
      },
      {
        usage: 'rotate',
        summary: 're-encrypt all stored credentials under a new master key',
        load: async () => (await import('./commands/credential/credential-rotate.ts')).registerCredentialRotate,
      },
    ],
  },
  {
    group: 'data',
    summary: 'the folder in which Glovebox keeps all its data',
    commands: [
      {
        usage: 'path',
        summary: 'print the path of the data folder',
        isDefault: true,
        load: async () => (await import('./commands/data/data-path.ts')).registerDataPath,
      },
      {
        usage: 'adopt <folder>',
        summary: 'vouch for a data folder that Glovebox did not make on this machine',
        load: async () => (await import('./commands/data/data-adopt.ts')).registerDataAdopt,
      },
    ],
  },
  {
    usage: 'doctor',
    summary: 'check what this machine has and what it lacks; exits with 4 if runs can’t work',
    load: async () => (await import('./commands/instance/doctor.ts')).registerDoctor,
  },
  {
    usage: 'serve',
    summary: 'serve the API on the data folder’s socket and on a TCP port, until interrupted',
    load: async () => (await import('./commands/instance/serve.ts')).registerServe,
  },
  {
    usage: 'completion <shell>',
    summary: 'print a script that teaches a shell to complete `glovebox`',
    json: false,
    load: async () => (await import('./commands/instance/completion.ts')).registerCompletion,
  },
]
