import { holdMistakes } from './desk.ts'

holdMistakes([
  {
    mistake: 'no repository',
    args: ['run', 'outdated-report'],
    code: 2,
    says: ['glovebox: --repo is missing', '  name the repository: --repo PATH or --repo URL; in its folder: --repo .'],
  },
  {
    mistake: 'an empty repository name',
    args: ['run', 'outdated-report', '--repo', ''],
    code: 2,
    says: ['glovebox: --repo needs a path or a URL'],
  },
  {
    mistake: '--repo mistyped',
    args: ['run', 'outdated-report', '--repos', 'shop'],
    code: 2,
    says: ['glovebox: unknown option `--repos`', '  did you mean `--repo`? --help shows the usage'],
  },
  {
    mistake: 'a folder that is no repository',
    args: ['run', 'outdated-report', '--repo', 'plain'],
    code: 2,
    says: [
      'Run <id>',
      'reading the repository',
      'run invalid after <time>',
      'glovebox: <folder>/plain is not a git repository',
    ],
  },
  {
    mistake: 'a folder that does not exist',
    args: ['run', 'outdated-report', '--repo', 'nowhere'],
    code: 2,
    says: ['glovebox: there is no folder <folder>/nowhere'],
  },
  {
    mistake: 'a file',
    args: ['run', 'outdated-report', '--repo', 'file'],
    code: 2,
    says: ['glovebox: <folder>/file is not a folder'],
  },
  {
    mistake: 'a repository without commits',
    args: ['run', 'outdated-report', '--repo', 'empty'],
    code: 2,
    says: [
      'Run <id>',
      'reading the repository',
      'run invalid after <time>',
      'glovebox: <folder>/empty has no branches: make a first commit',
    ],
  },
  {
    mistake: 'an ftp address',
    args: ['run', 'outdated-report', '--repo', 'ftp://example.com/x.git'],
    code: 2,
    says: ['glovebox: ftp:// is not supported: give a path or an https address'],
  },
  {
    mistake: 'a mistyped scheme',
    args: ['run', 'outdated-report', '--repo', 'htps://example.com/x.git'],
    code: 2,
    says: ['glovebox: htps:// is not supported: give a path or an https address'],
  },
  {
    mistake: 'an ssh address',
    args: ['run', 'outdated-report', '--repo', 'ssh://git@example.com/x'],
    code: 2,
    says: [
      'glovebox: ssh addresses are not supported, because Glovebox holds no ssh keys: give the https address, or the path of a clone',
    ],
  },
  {
    mistake: 'a short ssh address',
    args: ['run', 'outdated-report', '--repo', 'git@example.com:x/y.git'],
    code: 2,
    says: [
      'glovebox: ssh addresses are not supported, because Glovebox holds no ssh keys: give the https address, or the path of a clone',
    ],
  },
  {
    mistake: 'an address with a password',
    args: ['run', 'outdated-report', '--repo', 'https://ada:secret@example.com/x.git'],
    code: 3,
    says: ['glovebox: an address must not contain a credential, because it would be recorded: remove it'],
  },
  {
    mistake: 'a task in capital letters',
    args: ['run', 'Outdated-Report', '--repo', 'shop'],
    code: 2,
    says: [
      'Run <id>',
      'reading the repository',
      'run invalid after <time>',
      'glovebox: there is no task `Outdated-Report`; did you mean `outdated-report`?',
    ],
  },
  {
    mistake: 'a mistyped task',
    args: ['run', 'fix-vulnerabilites', '--repo', 'shop'],
    code: 2,
    says: [
      'Run <id>',
      'reading the repository',
      'run invalid after <time>',
      'glovebox: there is no task `fix-vulnerabilites`; did you mean `fix-vulnerabilities`?',
    ],
  },
  {
    mistake: 'a task file that does not exist',
    args: ['run', './nowhere.yaml', '--repo', 'shop'],
    code: 2,
    says: ["glovebox: ./nowhere.yaml can't be read: the file does not exist"],
  },
  {
    mistake: 'an input without =',
    args: ['run', 'outdated-report', '--repo', 'shop', '--input', 'x'],
    code: 2,
    says: ['glovebox: --input takes name=value, not "x"'],
  },
  {
    mistake: 'a mistyped input',
    args: ['run', 'outdated-report', '--repo', 'shop', '--input', 'fodler=x'],
    code: 2,
    says: ['glovebox: task outdated-report has no input `fodler`; did you mean `folder`?'],
  },
  {
    mistake: 'a missing input',
    args: ['run', 'upgrade-dependency', '--repo', 'shop'],
    code: 2,
    says: ['glovebox: task upgrade-dependency needs --input package=…: name of the package'],
  },
  {
    mistake: 'an input given twice',
    args: ['run', 'outdated-report', '--repo', 'shop', '--input', 'folder=a', '--input', 'folder=b'],
    code: 2,
    says: ['glovebox: The input "folder" is given twice'],
  },
  {
    mistake: 'an input for a command',
    args: ['run', '--repo', 'shop', '--input', 'a=b', '--', 'ls'],
    code: 2,
    says: ['glovebox: A command takes no --input; only tasks have inputs'],
  },
  {
    mistake: 'a mistyped mode',
    args: ['run', 'outdated-report', '--repo', 'shop', '--mode', 'wirte'],
    code: 2,
    says: ["glovebox: --mode can't be `wirte`", '  did you mean `write`? --help shows the usage'],
  },
  {
    mistake: 'write mode for a read-only task',
    args: ['run', 'outdated-report', '--repo', 'shop', '--mode', 'write'],
    code: 2,
    says: ["glovebox: task outdated-report is read-only and can't run with --mode write"],
  },
  {
    mistake: 'a mistyped branch',
    args: ['run', 'outdated-report', '--repo', 'shop', '--ref', 'feature/crat'],
    code: 2,
    says: [
      'Run <id>',
      'reading the repository',
      'run invalid after <time>',
      'glovebox: there is no branch, tag or commit "feature/crat"; did you mean feature/cart?',
    ],
  },
  {
    mistake: 'a mistyped sandbox',
    args: ['run', 'outdated-report', '--repo', 'shop', '--sandbox', 'dokcer'],
    code: 2,
    says: ['glovebox: there is no sandbox kind `dokcer`', '  did you mean `docker`?'],
  },
  {
    mistake: 'docker without an image',
    args: ['run', 'outdated-report', '--repo', 'shop', '--sandbox', 'docker'],
    code: 2,
    says: [
      'glovebox: the sandbox kind `docker` is not configured',
      '  set sandbox.image in glovebox.yaml (docs/configuration.md)',
    ],
  },
  {
    mistake: 'a mistyped reach',
    args: ['run', '--reach', 'nmp', '--repo', 'shop', '--', 'ls'],
    code: 2,
    says: ['glovebox: reach names `nmp`, which neither a policy nor the configuration knows', '  did you mean `npm`?'],
  },
  {
    mistake: 'advisories in a folder that does not exist',
    args: ['run', 'outdated-report', '--repo', 'shop', '--advisories', 'nowhere'],
    code: 2,
    says: ['glovebox: there is no folder <folder>/nowhere'],
  },
  {
    mistake: 'advisories in a folder without any',
    args: ['run', 'outdated-report', '--repo', 'shop', '--advisories', 'plain'],
    code: 2,
    says: ['glovebox: <folder>/plain holds no usable OSV record for npm.'],
  },
  {
    mistake: 'a mistyped agent',
    args: ['run', 'review-change', '--repo', 'shop', '--agent', 'codx'],
    code: 2,
    says: ['glovebox: there is no agent `codx`', '  did you mean `codex`?'],
  },
  {
    mistake: 'an agent for a task without one',
    args: ['run', 'outdated-report', '--repo', 'shop', '--agent', 'codex'],
    code: 2,
    says: ['glovebox: task outdated-report asks no agent, so `codex` has no use'],
  },
  {
    mistake: 'an agent without a model',
    args: ['run', 'review-change', '--repo', 'shop'],
    code: 2,
    says: [
      'glovebox: task review-change asks an agent, but no model is connected',
      '  connect one: `glovebox connection set --help` shows how',
    ],
  },
  {
    mistake: 'a connection that does not exist',
    args: ['run', 'review-change', '--repo', 'shop', '--connection', 'claude'],
    code: 2,
    says: ['glovebox: there is no model connection `claude`', '  add it with `glovebox connection set claude …`'],
  },
  {
    mistake: 'a model without a connection',
    args: ['run', 'review-change', '--repo', 'shop', '--model', 'opus'],
    code: 2,
    says: [
      'glovebox: the model `opus` is asked for, but no model is connected',
      '  connect one: `glovebox connection set --help` shows how',
    ],
  },
  {
    mistake: 'an empty prompt',
    args: ['run', '--prompt', '', '--repo', 'shop'],
    code: 2,
    says: ['glovebox: --prompt is empty'],
  },
  {
    mistake: '--detach without a server',
    args: ['run', 'outdated-report', '--repo', 'shop', '--detach'],
    code: 2,
    says: [
      'glovebox: --detach needs a server that executes the run: start one with `glovebox serve`, or leave --detach out',
    ],
  },
  {
    mistake: 'a service that is not declared',
    args: ['run', 'outdated-report', '--repo', 'shop', '--as', 'service:bot'],
    code: 3,
    says: [
      'glovebox: service:bot may not start run on repository <folder>/shop: no policy permits it',
      '  see `glovebox policy list` for the policies',
    ],
  },
])
