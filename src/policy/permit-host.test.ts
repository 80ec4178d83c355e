import { expect, test } from 'vitest'
import { PROJECT_FOLDERS } from '../config/project-folders.ts'
import { loadPolicies } from './load-policies.ts'
import { parsePolicies } from './parse-policies.ts'
import { type HostPermit, permitHost } from './permit-host.ts'

const PERMIT: HostPermit = {
  task: 'fetch-data',
  scheme: 'https',
  host: 'data.example.com',
  port: 443,
  methods: ['GET', 'HEAD'],
  repository: null,
}
const loaded = loadPolicies({ builtInFolder: PROJECT_FOLDERS.policies, extraFolders: [], enable: [] })

/** As if the operator had this policy, too. */
function withPolicy(text: string) {
  const more = parsePolicies(text, 'ours.cedar', loaded.schema)
  return { ...loaded, inForce: [...loaded.inForce, ...more], all: [...loaded.all, ...more] }
}

test('writes a policy that says what it permits, with an id', () => {
  const answer = permitHost({ ...PERMIT, port: 8443, methods: ['POST'], repository: '/srv/a "b".git' }, loaded)
  expect(answer).toEqual({
    kind: 'new',
    id: 'allow-fetch-data-data.example.com',
    text: `// Runs of the task fetch-data may send POST to https://data.example.com:8443,
// on the repository /srv/a "b".git.
@id("allow-fetch-data-data.example.com")
permit (
  principal is Run,
  action == Action::"connect",
  resource is Host
)
when
{
  principal has task && principal.task == "fetch-data" &&
  principal has repository && principal.repository == "/srv/a \\"b\\".git" &&
  context has service && context.service == "egress" &&
  context has scheme && context.scheme == "https" &&
  context has host && context.host == "data.example.com" &&
  context has port && context.port == 8443 &&
  context has method && ["POST"].contains(context.method)
};
`,
  })
})

test('names the policy that permits it already, and gives another id for another method', () => {
  const first = permitHost(PERMIT, loaded)
  if (first.kind !== 'new') throw new Error(first.kind)
  const after = withPolicy(first.text)
  expect(permitHost(PERMIT, after)).toEqual({ kind: 'already', by: [first.id] })
  expect(permitHost({ ...PERMIT, methods: ['GET'] }, after)).toMatchObject({ kind: 'already' })
  expect(permitHost({ ...PERMIT, methods: ['GET', 'POST'] }, after)).toMatchObject({ kind: 'new', id: `${first.id}-2` })
  expect(permitHost({ ...PERMIT, task: 'other' }, after)).toMatchObject({ kind: 'new' })
})

test('names the guardrail or the forbid of the operator that no permit can change', () => {
  expect(permitHost({ ...PERMIT, host: 'metadata.google.internal' }, loaded)).toEqual({
    kind: 'forbidden',
    by: ['no-metadata-addresses'],
  })
  const ours = withPolicy(
    '@id("no-example") forbid (principal, action == Action::"connect", resource) when { context has host && context.host like "*.example.com" };',
  )
  expect(permitHost(PERMIT, ours)).toEqual({ kind: 'forbidden', by: ['no-example'] })
})

test('refuses text that would make the policy say more', () => {
  for (const permit of [
    { ...PERMIT, host: 'x.example" || true || context.host == "y' },
    { ...PERMIT, task: 'a"); permit (principal, action, resource);//' },
    { ...PERMIT, repository: '/a\n// comment\n@id("x") permit (principal, action, resource);' },
    { ...PERMIT, host: 'x.example\n' },
  ])
    expect(() => permitHost(permit, loaded)).toThrow(/can't be part of a policy/)
})
