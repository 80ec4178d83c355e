// The command line with all commands.
import { Command } from 'commander'
import { printableBlock } from '../domain/byte-text.ts'
import { addCommonOptions, addGroup, type Registry } from './add-command.ts'
import type { CliEnvironment } from './cli-environment.ts'
import { UsageError } from './cli-error.ts'
import { registerArtifact } from './commands/runs/artifact.ts'
import { registerAskAllow } from './commands/ask/ask-allow.ts'
import { registerAskDeny } from './commands/ask/ask-deny.ts'
import { registerAskList } from './commands/ask/ask-list.ts'
import { registerChangeApprove } from './commands/change/change-approve.ts'
import { registerChangeDiff } from './commands/change/change-diff.ts'
import { registerChangeList } from './commands/change/change-list.ts'
import { registerChangeMerge } from './commands/change/change-merge.ts'
import { registerChangePublish } from './commands/change/change-publish.ts'
import { registerChangeReject } from './commands/change/change-reject.ts'
import { registerChangeShow } from './commands/change/change-show.ts'
import { registerConnectionList } from './commands/connection/connection-list.ts'
import { registerConnectionRemove } from './commands/connection/connection-remove.ts'
import { registerConnectionSet } from './commands/connection/connection-set.ts'
import { registerConnectionShow } from './commands/connection/connection-show.ts'
import { registerConnectionTest } from './commands/connection/connection-test.ts'
import { registerCredentialList } from './commands/credential/credential-list.ts'
import { registerCredentialRemove } from './commands/credential/credential-remove.ts'
import { registerCredentialRotate } from './commands/credential/credential-rotate.ts'
import { registerCredentialSet } from './commands/credential/credential-set.ts'
import { registerDataAdopt } from './commands/data/data-adopt.ts'
import { registerDataPath } from './commands/data/data-path.ts'
import { registerDoctor } from './commands/instance/doctor.ts'
import { registerInit } from './commands/instance/init.ts'
import { registerOutput } from './commands/runs/output.ts'
import { registerPolicyCheck } from './commands/policy/policy-check.ts'
import { registerPolicyList } from './commands/policy/policy-list.ts'
import { registerRerun } from './commands/runs/rerun.ts'
import { registerRun } from './commands/runs/run.ts'
import { registerRunsCancel } from './commands/runs/runs-cancel.ts'
import { registerRunsList } from './commands/runs/runs-list.ts'
import { registerRunsShow } from './commands/runs/runs-show.ts'
import { registerServe } from './commands/instance/serve.ts'
import { registerTaskCheck } from './commands/task/task-check.ts'
import { registerTaskList } from './commands/task/task-list.ts'
import { registerTaskShow } from './commands/task/task-show.ts'
import { registerTrace } from './commands/runs/trace.ts'

const AFTER = `
Examples:
  glovebox run fix-vulnerabilities --repo ~/code/shop    a task
  glovebox run ./my-task.yaml --repo .                   a task file that is not installed
  glovebox run --prompt 'Fix the flaky test' --repo .    one prompt for an agent, which may propose a change
  glovebox run --repo . -- git log --stat -3             any command, read-only and without network
  glovebox run --reach npm --repo . -- npm ci            the same, with access to the npm registry
  glovebox runs show latest                              what came of it
  glovebox change diff latest                            what it wants to change

<run>, <change> and <ask> are an id, the first 4 or more characters of one, or \`latest\`.

Exit codes: 0 done, 1 the task failed, 2 wrong usage or bad input, 3 refused by policy or gate,
4 the platform failed, 130 interrupted or cancelled.`

const AFTER_ASK = `
A request without an answer is denied after \`agents.ask-minutes\` of glovebox.yaml, or 10 minutes.`

export function buildProgram(
  environment: CliEnvironment,
  literal: Registry['literal'],
  finish: Registry['finish'],
): Command {
  const program = new Command('glovebox')
  program
    .description('Runs agents and commands on private repositories in a sealed, recorded sandbox.')
    .version(environment.version)
    .exitOverride()
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .showHelpAfterError('(--help shows the usage)')
    .configureOutput({
      writeOut: (text) => void environment.stdout.write(text),
      // Commander repeats its arguments, and a script may have passed text that someone else chose.
      writeErr: (text) => void environment.stderr.write(printableBlock(text)),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText('after', AFTER)
    .hook('preAction', (_, command) => {
      if (literal !== null && command.name() !== 'run')
        throw new UsageError('Only `glovebox run` takes a command after `--`')
    })
  addCommonOptions(program, true)

  const registry: Registry = { program, environment, literal, finish }
  registerInit(registry)
  registerRun(registry)
  registerRerun(registry)
  const runs = addGroup(registry, 'runs', 'finished and current runs')
  registerRunsList(registry, runs)
  registerRunsShow(registry, runs)
  registerRunsCancel(registry, runs)
  registerTrace(registry)
  registerOutput(registry)
  registerArtifact(registry)
  const ask = addGroup(registry, 'ask', 'requests of agents that wait for an answer').addHelpText('after', AFTER_ASK)
  registerAskList(registry, ask)
  registerAskAllow(registry, ask)
  registerAskDeny(registry, ask)
  const change = addGroup(registry, 'change', 'changes that runs propose, and decisions about them')
  registerChangeList(registry, change)
  registerChangeShow(registry, change)
  registerChangeDiff(registry, change)
  registerChangeApprove(registry, change)
  registerChangeReject(registry, change)
  registerChangePublish(registry, change)
  registerChangeMerge(registry, change)
  const task = addGroup(registry, 'task', 'tasks that a run can execute')
  registerTaskList(registry, task)
  registerTaskShow(registry, task)
  registerTaskCheck(registry, task)
  const policy = addGroup(registry, 'policy', 'policies that decide what is allowed')
  registerPolicyList(registry, policy)
  registerPolicyCheck(registry, policy)
  const connection = addGroup(registry, 'connection', 'connections to models, and which models may be used')
  registerConnectionList(registry, connection)
  registerConnectionShow(registry, connection)
  registerConnectionSet(registry, connection)
  registerConnectionRemove(registry, connection)
  registerConnectionTest(registry, connection)
  const credential = addGroup(registry, 'credential', 'keys that the gateway adds to requests, in an encrypted store')
  registerCredentialList(registry, credential)
  registerCredentialSet(registry, credential)
  registerCredentialRemove(registry, credential)
  registerCredentialRotate(registry, credential)
  const data = addGroup(registry, 'data', 'the folder in which Glovebox keeps all its data')
  registerDataPath(registry, data)
  registerDataAdopt(registry, data)
  registerDoctor(registry)
  registerServe(registry)
  return program
}
