// Mistakes with runs, changes and requests that exist.
import { expect, test } from 'vitest'
import { type SampleTerminals, sampleTerminals } from '../sample-terminals.ts'
import { CHANGE, RUN } from '../samples.ts'

const terminals: SampleTerminals = sampleTerminals()
const BY_BOB = { requester: { id: 'user:bob' } }
const BY_ALICE = { requester: { id: 'user:alice' } }

test.each([
  {
    mistake: 'a step that does not exist',
    args: ['output', RUN, 'adit'],
    code: 2,
    says: ['glovebox: The run has no step "adit"', '  did you mean `audit`?'],
  },
  {
    mistake: 'a step number that does not exist',
    args: ['output', RUN, '9'],
    code: 2,
    says: [`glovebox: run ${RUN} has no finished step 9`, `  see \`glovebox runs show ${RUN}\``],
  },
  {
    mistake: 'an artifact that does not exist',
    args: ['artifact', RUN, 'report.md'],
    code: 2,
    says: [`glovebox: run ${RUN} has no artifact \`report.md\``, '  its artifacts: none'],
  },
  {
    mistake: 'cancelling a finished run',
    args: ['runs', 'cancel', 'latest'],
    code: 2,
    says: [`glovebox: run ${RUN} has already ended: succeeded`],
  },
  {
    mistake: 'approving an own change',
    args: ['change', 'approve', CHANGE],
    fields: BY_ALICE,
    code: 3,
    says: [
      `glovebox: user:alice may not approve change ${CHANGE}: policy requester-cannot-approve forbids it`,
      '  user:alice requested this run, so another person must approve its change; if you work alone, see docs/policies.md#solo',
    ],
  },
  {
    mistake: 'merging before the approval',
    args: ['change', 'merge', CHANGE],
    code: 3,
    says: [
      `glovebox: the gate of change ${CHANGE} is closed`,
      '  approved: needs the approval of a person other than user:bob, who asked for the run',
    ],
  },
  {
    mistake: 'publishing before the approval',
    args: ['change', 'publish', CHANGE],
    code: 3,
    says: [
      `glovebox: the gate of change ${CHANGE} is closed`,
      '  approved: needs the approval of a person other than user:bob, who asked for the run',
    ],
  },
  {
    mistake: 'approving as a service',
    args: ['change', 'approve', CHANGE, '--as', 'service:nightly'],
    code: 3,
    says: [
      `glovebox: service:nightly may not approve change ${CHANGE}: policy services-never-decide forbids it`,
      '  see `glovebox policy list` for the policies',
    ],
  },
  {
    mistake: 'merging after a rejection',
    before: [['change', 'reject', CHANGE]],
    args: ['change', 'merge', CHANGE],
    code: 2,
    says: [`glovebox: change ${CHANGE} is rejected and can't be merged`],
  },
  {
    mistake: 'approving a merged change',
    before: [
      ['change', 'approve', CHANGE],
      ['change', 'merge', CHANGE],
    ],
    args: ['change', 'approve', CHANGE],
    code: 2,
    says: [`glovebox: change ${CHANGE} is merged and can't be approved`],
  },
  {
    mistake: 'rejecting a merged change',
    before: [
      ['change', 'approve', CHANGE],
      ['change', 'merge', CHANGE],
    ],
    args: ['change', 'reject', CHANGE],
    code: 2,
    says: [`glovebox: change ${CHANGE} is merged and can't be rejected`],
  },
  {
    mistake: 'an unknown id with --json',
    args: ['change', 'show', '99999', '--json'],
    code: 2,
    says: ['glovebox: There is no change "99999"', '  `glovebox change list` lists them'],
  },
])('$mistake', async ({ before = [], args, fields = BY_BOB, code, says }) => {
  const { type } = await terminals.openWithChange({}, fields)
  for (const earlier of before) expect((await type(...earlier)).code).toBe(0)
  const typed = await type(...args)
  expect(typed.stderr.trimEnd().split('\n')).toEqual(says)
  expect(typed.code).toBe(code)
  if (!args.includes('--json')) expect(typed.stdout).toBe('')
})

test('approving twice changes nothing', async () => {
  const { type } = await terminals.openWithChange({}, BY_BOB)
  for (const _ of ['first', 'again']) {
    const { code, stdout } = await type('change', 'approve', CHANGE)
    expect(code).toBe(0)
    expect(stdout).toContain('Gate: open, it can be merged')
  }
})

test('the first characters of several ids', async () => {
  const { type, instance } = await terminals.openWithChange({}, BY_BOB)
  await instance.addRun({ id: `${RUN.slice(0, 6)}${'z'.repeat(14)}` })
  expect(await type('runs', 'show', RUN.slice(0, 6))).toMatchObject({
    code: 2,
    stdout: '',
    stderr: `glovebox: Several runs have an id that starts or ends with "012345"\n  012345${'z'.repeat(14)}\n  ${RUN}\n  give more characters\n`,
  })
})

test('Ctrl-C before the answer', async () => {
  const { type, interrupt, instance } = await terminals.openWithChange({}, BY_BOB)
  const { getRun } = instance.services
  instance.services.getRun = async (call) => {
    interrupt()
    await Promise.reject(new Error('gone'))
    return getRun(call)
  }
  expect(await type('runs', 'show', RUN)).toMatchObject({ code: 130, stdout: '', stderr: 'glovebox: interrupted\n' })
})
