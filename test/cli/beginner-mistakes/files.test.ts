// Mistakes in the files that a person writes: the configuration, tasks and policies.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeDataFolder } from '../../data-folder.ts'
import { type Desk, openDesk } from './desk.ts'

let desk: Desk
beforeAll(async () => {
  desk = await openDesk()
})
afterAll(() => desk[Symbol.asyncDispose]())

test.each([
  {
    mistake: 'glovebox.yaml with a tab',
    text: 'sandbox:\n\tkind: docker\n',
    code: 2,
    says: ['glovebox: glovebox.yaml:2:1: tabs are not allowed as indentation; indent with spaces'],
  },
  {
    mistake: 'glovebox.yaml with a mistyped key',
    text: 'servces: []\n',
    code: 2,
    says: ['glovebox: glovebox.yaml:1:1: unknown key `servces`; did you mean `services`?'],
  },
  {
    mistake: 'glovebox.yaml with a wrong type',
    text: 'services: yes\n',
    code: 2,
    says: ['glovebox: glovebox.yaml:1:11: services must be a list, not a text'],
  },
  {
    mistake: 'glovebox.yaml with a key that appears twice',
    text: 'services: []\nservices: [a]\n',
    code: 2,
    says: ['glovebox: glovebox.yaml:2:1: `services` appears twice; remove one'],
  },
  {
    mistake: 'glovebox.yaml with broken YAML',
    text: 'a: b: c\n',
    code: 2,
    says: [
      'glovebox: glovebox.yaml:1:4: nested mappings are not allowed in compact mappings; write a value that contains `: ` in quotes',
    ],
  },
  {
    mistake: 'glovebox.yaml with a mistyped policy',
    text: 'policies: {enable: [sool]}\n',
    code: 2,
    says: [
      'glovebox: glovebox.yaml: policies.enable names `sool`, which is not an optional policy; did you mean `solo`?',
    ],
  },
  {
    mistake: 'glovebox.yaml with a policy folder that does not exist',
    text: 'policies: {folders: [nowhere]}\n',
    code: 2,
    says: ["glovebox: nowhere: can't be read: it does not exist"],
  },
  {
    mistake: 'glovebox.yaml with a mistyped agent',
    text: 'agents: {default: codx}\n',
    code: 2,
    says: [
      'glovebox: glovebox.yaml:1:19: agents.default names `codx`, but there is no such agent; did you mean `codex`?',
    ],
  },
  {
    mistake: 'glovebox.yaml with a mistyped sandbox',
    text: 'sandbox: {kind: dokcer}\n',
    code: 2,
    says: ["glovebox: glovebox.yaml:1:17: sandbox.kind can't be `dokcer`; did you mean `docker`?"],
  },
  {
    mistake: 'glovebox.yaml with docker without an image',
    text: 'sandbox: {kind: docker}\n',
    code: 2,
    says: ['glovebox: the sandbox kind docker needs an image: set sandbox.image in glovebox.yaml'],
  },
  {
    mistake: 'glovebox.yaml with advisories that do not exist',
    text: 'advisories: {kind: osv-directory, path: nowhere}\n',
    code: 2,
    says: ['glovebox: there is no folder nowhere'],
  },
  {
    mistake: 'glovebox.yaml with a size that is none',
    text: 'limits: {memory: 4 gigs}\n',
    code: 2,
    says: ["glovebox: glovebox.yaml:1:18: limits.memory can't be `4 gigs`; a size such as `512 MiB` or `4 GiB`"],
  },
  {
    mistake: 'glovebox.yaml with a model without its URL',
    text: 'models: {claude: {provider: anthropic, models: [m]}}\n',
    code: 2,
    says: ['glovebox: glovebox.yaml:1:18: models.claude.url is missing; it is a text'],
  },
])('$mistake', async ({ mistake, text, code, says }) => {
  const data = join(desk.folder, mistake.replaceAll(' ', '-'))
  await makeDataFolder(data, text)
  const typed = await desk.typeAfresh(['run', '--repo', 'shop', '--', 'true'], { env: { GLOVEBOX_DATA: data } })
  const stderr = typed.stderr.replaceAll(`<folder>/${mistake.replaceAll(' ', '-')}/`, '')
  expect({ ...typed, stderr }).toEqual({ code, stdout: '', stderr: `${says.join('\n')}\n` })
})

test.each([
  {
    mistake: 'a task with a tab',
    check: ['task', 'check', 'my.yaml'],
    text: 'name: x\n\tmode: y\n',
    says: ['my.yaml:2:1: tabs are not allowed as indentation (indent with spaces)'],
  },
  {
    mistake: 'a task with a mistyped key',
    check: ['task', 'check', 'my.yaml'],
    text: 'name: x\ndescription: d\nmode: write\nstesp: []\n',
    says: ['my.yaml:1:1: steps is missing (it is a list)', 'my.yaml:4:1: unknown key `stesp` (did you mean `steps`?)'],
  },
  {
    mistake: 'a task with no steps',
    check: ['task', 'check', 'my.yaml'],
    text: 'name: x\ndescription: d\nmode: write\n',
    says: ['my.yaml:1:1: steps is missing (it is a list)'],
  },
  {
    mistake: 'a task with empty steps',
    check: ['task', 'check', 'my.yaml'],
    text: 'name: x\ndescription: d\nmode: write\nsteps: []\n',
    says: ['my.yaml:4:8: steps is too short (at least 1)'],
  },
  {
    mistake: 'a task with a name with a space',
    check: ['task', 'check', 'my.yaml'],
    text: 'name: my task\ndescription: d\nmode: write\nsteps: [{run: a}]\n',
    says: ["my.yaml:1:7: name can't be `my task` (lowercase letters, digits and dashes, starting with a letter)"],
  },
  {
    mistake: 'a task with a step named by a number',
    check: ['task', 'check', 'my.yaml'],
    text: 'name: x\ndescription: d\nmode: write\nsteps: [{run: a, name: 3}]\n',
    says: ['my.yaml:4:24: steps[0].name must be a text, not a number (write it in quotes: "3")'],
  },
  {
    mistake: 'a task with two steps of one name',
    check: ['task', 'check', 'my.yaml'],
    text: 'name: x\ndescription: d\nmode: write\nsteps: [{run: a, name: s}, {run: b, name: s}]\n',
    says: [
      'my.yaml:4:43: two steps have the name `s` (checks and output refer to steps by name: give each step its own)',
    ],
  },
  {
    mistake: 'a task with a mistyped mode',
    check: ['task', 'check', 'my.yaml'],
    text: 'name: x\ndescription: d\nmode: wirte\nsteps: [{run: a}]\n',
    says: ["my.yaml:3:7: mode can't be `wirte` (did you mean `write`?)"],
  },
  {
    mistake: 'a task with a key that appears twice',
    check: ['task', 'check', 'my.yaml'],
    text: 'name: x\nname: x\ndescription: d\nmode: write\nsteps: [{run: a}]\n',
    says: ['my.yaml:2:1: `name` appears twice (remove one)'],
  },
  {
    mistake: 'a task with a step with nothing to do',
    check: ['task', 'check', 'my.yaml'],
    text: 'name: x\ndescription: d\nmode: write\nsteps: [{name: s}]\n',
    says: ['my.yaml:4:9: steps[0].run is missing (it is a text; or name an `agent`)'],
  },
  {
    mistake: 'a task with a mistyped check',
    check: ['task', 'check', 'my.yaml'],
    text: 'name: x\ndescription: d\nmode: write\nsteps: [{run: a, name: tests}]\nchecks: [tets]\n',
    says: ['my.yaml:5:10: checks names `tets`, which is not a step (did you mean `tests`?)'],
  },
  {
    mistake: 'a task with names that do not exist',
    check: ['task', 'check', 'my.yaml'],
    text: 'name: x\ndescription: d\nmode: write\nreach: [nmp]\ntoolchain: buit-in\nsteps: [{agent: codx, prompt: p}]\n',
    says: [
      'my.yaml:4:9: reach names `nmp`, which neither a policy nor the configuration knows (did you mean `npm`?)',
      'my.yaml:5:12: there is no toolchain `buit-in` (did you mean `built-in`?)',
      'my.yaml:6:17: there is no agent `codx` (did you mean `codex`?)',
    ],
  },
  {
    mistake: 'a task with nothing',
    check: ['task', 'check', 'my.yaml'],
    text: '',
    says: ['my.yaml:1:1: the file must be a mapping, not empty'],
  },
  {
    mistake: 'a policy with a missing bracket',
    check: ['policy', 'check', 'my.cedar'],
    text: '@id("x")\npermit (principal, action, resource;\n',
    says: [
      'my.cedar:2:36: unexpected token `;` (expected `!=`, `)`, `,`, `:`, `<`, `<=`, `==`, `>`, `>=`, `in`, or `is`)',
    ],
  },
  {
    mistake: 'a policy with a mistyped action',
    check: ['policy', 'check', 'my.cedar'],
    text: '@id("x")\npermit (principal, action == Action::"run.strat", resource);\n',
    says: ['my.cedar:2:30: unrecognized action `Action::"run.strat"` (did you mean `Action::"run.start"`?)'],
  },
  {
    mistake: 'a policy with a mistyped attribute',
    check: ['policy', 'check', 'my.cedar'],
    text: '@id("x")\npermit (principal, action == Action::"run.start", resource) when { context.taks == "a" };\n',
    says: ['my.cedar:2:68: attribute `taks` in context for Action::"run.start" not found (did you mean `task`?)'],
  },
])('$mistake', async ({ check, text, says }) => {
  await writeFile(join(desk.folder, check[2]!), text)
  expect(await desk.type(check)).toEqual({ code: 2, stdout: `${says.join('\n')}\n`, stderr: '' })
})
