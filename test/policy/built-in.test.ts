// The built-in policies, one question per row, attacks first.
import { describe, expect, test } from 'vitest'
import { readSchema, schemaActions } from '../../src/policy/schema.ts'
import type { Attributes, EntityRef, PolicyQuestion } from '../../src/policy/types.ts'
import {
  ADA,
  ENGINE,
  INSTANCE,
  NIGHTLY,
  OWN,
  OWN_AUTOMATION,
  READER,
  REPOSITORY,
  RUN,
  SOLO,
  UNDECLARED,
  check,
} from './policy-bench.ts'

function change(principal: EntityRef, actor: string, requester: string, action = 'change.approve'): PolicyQuestion {
  return {
    principal,
    action,
    resource: { type: 'Change', id: 'c1', attributes: { requester, run: 'r1' } },
    context: { actor, requester, requesters: [requester], requesterVias: [] },
  }
}

describe('decisions on a change', () => {
  check(ENGINE, [
    ['the requester approves', change(ADA, 'user:ada', 'user:ada'), false, ['requester-cannot-approve']],
    ['a service approves', change(NIGHTLY, 'service:nightly', 'user:ada'), false, ['services-never-decide']],
    [
      'a service approves its own',
      change(NIGHTLY, 'service:nightly', 'service:nightly'),
      false,
      ['requester-cannot-approve', 'services-never-decide'],
    ],
    [
      'a service merges',
      change(NIGHTLY, 'service:nightly', 'user:ada', 'change.merge'),
      false,
      ['services-never-decide'],
    ],
    [
      'a service rejects',
      change(NIGHTLY, 'service:nightly', 'user:ada', 'change.reject'),
      false,
      ['services-never-decide'],
    ],
    ['a run approves', change(RUN, 'run:r1', 'user:ada'), false, ['runs-never-decide']],
    ['a run merges', change(RUN, 'run:r1', 'user:ada', 'change.merge'), false, ['runs-never-decide']],
    ['a run publishes', change(RUN, 'run:r1', 'user:ada', 'change.publish'), false, ['runs-never-decide']],
    ['another person approves', change(ADA, 'user:ada', 'user:bob'), true, ['people-decide']],
    ["a person approves a service's", change(ADA, 'user:ada', 'service:nightly'), true, ['people-decide']],
    ['the requester rejects', change(ADA, 'user:ada', 'user:ada', 'change.reject'), true, ['people-decide']],
    [
      'the requester merges (the gate asks for the approval)',
      change(ADA, 'user:ada', 'user:ada', 'change.merge'),
      true,
      ['people-decide'],
    ],
  ])

  const requesters = ['user:bob', 'user:ada']
  const asked = change(ADA, 'user:ada', 'user:bob')
  check(ENGINE, [
    [
      'a person approves who asked for a later attempt',
      { ...asked, context: { ...asked.context, requesters } },
      false,
      ['requester-cannot-approve'],
    ],
    [
      'a person approves whose service asked for a later attempt',
      { ...asked, context: { ...asked.context, requesterVias: ['user:ada'] } },
      false,
      ['four-eyes'],
    ],
  ])
  check(SOLO, [
    [
      'a person approves who asked for a later attempt, with `solo` in force',
      { ...asked, context: { ...asked.context, requesters } },
      true,
      ['people-decide', 'solo'],
    ],
  ])

  test('denies an approval without actor and requesters, with an error', () => {
    const both = { actor: 'user:ada', requester: 'user:bob' }
    const contexts: Attributes[] = [
      {},
      { actor: 'user:ada' },
      { requester: 'user:bob' },
      both,
      { ...both, requesters: ['user:bob'] },
      { ...both, requesters: ['user:eve'], requesterVias: [] },
      { ...both, requesters: ['user:bob', 'ada'], requesterVias: [] },
    ]
    for (const context of contexts) {
      const answer = ENGINE.decide({ ...change(ADA, 'user:ada', 'user:bob'), context })
      expect(answer.allowed).toBe(false)
      expect(answer.errors).not.toEqual([])
    }
  })
})

describe('with solo in force', () => {
  check(SOLO, [
    [
      'the requester approves, with `solo` as a reason',
      change(ADA, 'user:ada', 'user:ada'),
      true,
      ['people-decide', 'solo'],
    ],
    [
      'another person approves, without `solo` as a reason',
      change(ADA, 'user:ada', 'user:bob'),
      true,
      ['people-decide'],
    ],
    [
      'a service still does not approve its own',
      change(NIGHTLY, 'service:nightly', 'service:nightly'),
      false,
      ['services-never-decide'],
    ],
    ['a run still does not approve', change(RUN, 'run:r1', 'run:r1'), false, ['runs-never-decide']],
  ])
})

describe('a person who started a run as a service', () => {
  const through = (person: string): PolicyQuestion => {
    const question = change(ADA, 'user:ada', 'service:nightly')
    return { ...question, context: { ...question.context, requesterVia: person, requesterVias: [person] } }
  }
  check(ENGINE, [
    ['may not approve its change', through('user:ada'), false, ['four-eyes']],
    ['does not keep another person from approving', through('user:bob'), true, ['people-decide']],
  ])
  check(SOLO, [['does not by solo, either', through('user:ada'), false, ['four-eyes']]])
  check(OWN_AUTOMATION, [
    [
      'may approve with own-automation in force, which is then a reason',
      through('user:ada'),
      true,
      ['own-automation', 'people-decide'],
    ],
    [
      'may still not approve a run requested under their own name',
      change(ADA, 'user:ada', 'user:ada'),
      false,
      ['requester-cannot-approve'],
    ],
  ])
})

function push(context: Attributes, principal = RUN, ref = OWN): PolicyQuestion {
  return {
    principal,
    action: 'git.push',
    resource: { type: 'Ref', id: ref, attributes: {} },
    context: { mode: 'write', ref, allowedRef: OWN, kind: 'create', forced: false, ...context },
  }
}

describe('git', () => {
  check(ENGINE, [
    ['push to main', push({}, RUN, 'refs/heads/main'), false, []],
    [
      'push to main whose context claims that main is allowed',
      push({ allowedRef: 'refs/heads/main' }, RUN, 'refs/heads/main'),
      false,
      [],
    ],
    ['push to a branch with a similar name', push({}, RUN, 'refs/heads/glovebox-change/2'), false, []],
    ["push to the change's branch name in the forge", push({}, RUN, 'refs/heads/glovebox/fix/r1'), false, []],
    ['push of a tag', push({ allowedRef: 'refs/tags/v1' }, RUN, 'refs/tags/v1'), false, []],
    ['push to the branch name in upper case', push({}, RUN, OWN.toUpperCase()), false, []],
    ['forced push', push({ kind: 'update', forced: true }), false, ['no-forced-push']],
    ['delete', push({ kind: 'delete' }), false, ['no-forced-push']],
    ['push of an unknown kind', push({ kind: 'mirror' }), false, ['no-forced-push']],
    ['push of a read-only run', push({ mode: 'read-only' }, READER), false, ['read-only-runs-never-push']],
    ['push of a read-only run whose context claims write', push({}, READER), false, ['read-only-runs-never-push']],
    ['push of a run without attributes', push({}, { ...RUN, attributes: {} }), false, ['read-only-runs-never-push']],
    ['create the own branch', push({}), true, ['git-push-own-branch']],
    ['update the own branch', push({ kind: 'update' }), true, ['git-push-own-branch']],
    [
      'fetch, with the context of the gateway',
      {
        principal: RUN,
        action: 'git.fetch',
        resource: { ...REPOSITORY, attributes: { url: 'https://git.example/shop.git' } },
        context: { mode: 'write', repository: 'https://git.example/shop.git', command: 'fetch' },
      },
      true,
      ['git-fetch-own-repository'],
    ],
    [
      'fetch',
      { principal: READER, action: 'git.fetch', resource: REPOSITORY, context: { mode: 'read-only' } },
      true,
      ['git-fetch-own-repository'],
    ],
    [
      'propose a change',
      { principal: RUN, action: 'change.propose', resource: REPOSITORY, context: { mode: 'write' } },
      true,
      ['propose-own-change'],
    ],
    [
      'propose from a read-only run',
      { principal: READER, action: 'change.propose', resource: REPOSITORY, context: { mode: 'read-only' } },
      false,
      ['read-only-runs-never-push'],
    ],
  ])
})

function connect(context: Attributes, principal = RUN, host = 'registry.example', port = 443): PolicyQuestion {
  return {
    principal,
    action: 'connect',
    resource: {
      type: 'Host',
      id: `${host}:${port}`,
      attributes: { authority: `${host}:${port}`, host, port, scheme: 'https' },
    },
    context: { host, port, method: 'GET', path: '/', reach: ['npm'], ...context },
  }
}

function npm(method: string, path: string, extra: Attributes = {}, principal = RUN): PolicyQuestion {
  return connect({ service: 'npm', method, path, ...extra }, principal)
}

const GIT_HOST = 'git.example.com'
const GRANTED: EntityRef = {
  ...RUN,
  attributes: { ...RUN.attributes, gitHosts: [GIT_HOST], readHosts: ['files.example.com'] },
}

function reach(method: string, path: string, extra: Attributes = {}, host = GIT_HOST, port = 443): PolicyQuestion {
  return connect({ service: 'egress', scheme: 'https', method, path, ...extra }, GRANTED, host, port)
}

const REGISTRY = 'registry.example:443'
const STORED = { storageOf: 'other.example:443' }
const BULK = '/-/npm/v1/security/advisories/bulk'

describe('network', () => {
  check(ENGINE, [
    ['anywhere', connect({ service: 'egress' }), false, []],
    ['anywhere, without a service', connect({}), false, []],
    ['anywhere, with npm in the path', connect({ service: 'egress', path: '/npm' }), false, []],
    ['metadata address', connect({ service: 'egress' }, RUN, '169.254.169.254', 80), false, ['no-metadata-addresses']],
    [
      'metadata address as npm',
      connect({ service: 'npm' }, RUN, '169.254.169.254', 80),
      false,
      ['no-metadata-addresses'],
    ],
    [
      'metadata address in IPv6',
      connect({ service: 'npm' }, RUN, '::ffff:169.254.169.254', 80),
      false,
      ['no-metadata-addresses'],
    ],
    [
      'metadata address of another cloud',
      connect({ service: 'npm' }, RUN, 'fd00:ec2::254', 80),
      false,
      ['no-metadata-addresses'],
    ],
    [
      'metadata by name',
      connect({ service: 'npm' }, RUN, 'metadata.google.internal', 80),
      false,
      ['no-metadata-addresses'],
    ],
    ['npm without reach', npm('GET', '/lodash', { reach: [] }), false, []],
    ['npm with reach that the run does not have', npm('GET', '/lodash', {}, READER), false, []],
    ['publish', npm('PUT', '/lodash'), false, []],
    ['unpublish', npm('DELETE', '/lodash/-/lodash-1.0.0.tgz/-rev/1'), false, []],
    ['login', npm('POST', '/-/v1/login'), false, []],
    ['post a package', npm('POST', '/lodash'), false, []],
    ['lower-case method', npm('get', '/lodash'), false, []],
    ['who am I', npm('GET', '/-/whoami'), false, []],
    ['list tokens', npm('GET', '/-/npm/v1/tokens'), false, []],
    ['list tokens below a path', npm('GET', '/api/npm/all/-/npm/v1/tokens'), false, []],
    ['list tokens, calling it a tarball in the query', npm('GET', '/-/npm/v1/tokens?x=.tgz'), false, []],
    ['list tokens, percent-encoded', npm('GET', '/%2d/npm/v1/tokens'), false, []],
    ['list tokens, percent-encoded in upper case', npm('GET', '/%2D/npm/v1/tokens'), false, []],
    ['list tokens, percent-encoded twice', npm('GET', '/%252d/npm/v1/tokens'), false, []],
    ['dot segments', npm('GET', '/a/../-/whoami'), false, []],
    ['dot segments, percent-encoded', npm('GET', '/a/%2e%2e/b'), false, []],
    ['backslash', npm('GET', '/a\\-\\whoami'), false, []],
    ['relative path', npm('GET', 'lodash'), false, []],
    ['advisories with a query', npm('POST', `${BULK}?x=1`), false, []],
    ['a post whose query ends like advisories', npm('POST', `/-/v1/login?x=${BULK}`), false, []],
    ['a post whose fragment ends like advisories', npm('POST', `/-/v1/login#${BULK}`), false, []],
    ['search', npm('GET', '/-/v1/search'), false, []],
    ['keys of signatures', npm('GET', '/-/npm/v1/keys'), true, ['npm-registry']],
    ['a package', npm('GET', '/lodash'), true, ['npm-registry']],
    ['storage of a registry', npm('GET', '/x', { ...STORED, scheme: 'https' }), true, ['npm-storage']],
    ['storage without TLS', connect({ service: 'npm', ...STORED, scheme: 'http' }, RUN, 's.example', 80), false, []],
    [
      'storage at another port',
      connect({ service: 'npm', ...STORED, scheme: 'https' }, RUN, 's.example', 8443),
      false,
      [],
    ],
    [
      'storage on the registry itself',
      npm('GET', '/x', { ...STORED, storageOf: REGISTRY, scheme: 'http' }),
      true,
      ['npm-storage'],
    ],
    ['a write to storage', npm('PUT', '/x', { ...STORED, scheme: 'https' }), false, []],
    ['storage without reach', npm('GET', '/x', { ...STORED, scheme: 'https', reach: [] }), false, []],
    ['advisories of storage', npm('POST', BULK, { ...STORED, scheme: 'https' }), false, []],
    ['a scoped package', npm('GET', '/@babel%2fcore'), true, ['npm-registry']],
    ['a tarball', npm('GET', '/lodash/-/lodash-4.17.21.tgz'), true, ['npm-registry']],
    ['a tarball, head', npm('HEAD', '/@babel/core/-/core-7.0.0.tgz'), true, ['npm-registry']],
    ['a tarball below a path', npm('GET', '/api/npm/all/lodash/-/lodash-4.17.21.tgz'), true, ['npm-registry']],
    ['advisories', npm('POST', BULK), true, ['npm-advisories']],
    ['advisories below a path', npm('POST', `/api/npm/all${BULK}`), true, ['npm-advisories']],
  ])
})

function ask(principal: EntityRef, action: string, resource: EntityRef): PolicyQuestion {
  return { principal, action, resource, context: {} }
}

describe('hosts that the configuration names', () => {
  check(ENGINE, [
    ['list refs', reach('GET', '/acme/lib.git/info/refs'), true, ['reach-git-hosts']],
    ['fetch', reach('POST', '/acme/lib.git/git-upload-pack'), true, ['reach-git-hosts']],
    ['the batch request of Git LFS', reach('POST', '/a/info/lfs/objects/batch'), true, ['reach-git-hosts']],
    ['read a file', reach('GET', '/objects/1', {}, 'files.example.com'), true, ['reach-read-hosts']],
    ['push', reach('POST', '/acme/lib.git/git-receive-pack'), false, []],
    ['another path of a git host', reach('GET', '/acme/lib.git/HEAD'), false, []],
    ['an escaped path', reach('POST', '/acme%2Fx/git-upload-pack'), false, []],
    ['a path with an empty part', reach('POST', '//evil/git-upload-pack'), false, []],
    ['another method', reach('PUT', '/acme/lib.git/info/refs'), false, []],
    ['without TLS', reach('GET', '/acme/lib.git/info/refs', { scheme: 'http' }), false, []],
    ['another port', reach('GET', '/acme/lib.git/info/refs', {}, GIT_HOST, 8443), false, []],
    ['another host', reach('GET', '/acme/lib.git/info/refs', {}, 'git.example.com.evil.example'), false, []],
    ['write a file', reach('POST', '/objects/1', {}, 'files.example.com'), false, []],
    [
      'fetch from a host that only serves files',
      reach('POST', '/a/git-upload-pack', {}, 'files.example.com'),
      false,
      [],
    ],
    ['through another service', reach('GET', '/a/info/refs', { service: 'git' }), false, []],
    ['a run without the grant', connect({ service: 'egress', scheme: 'https', path: '/a/info/refs' }), false, []],
  ])
})

describe('runs and the instance', () => {
  check(ENGINE, [
    ['a run starts a run', ask(RUN, 'run.start', REPOSITORY), false, ['runs-never-decide']],
    ['a run reads runs', ask(RUN, 'run.read', INSTANCE), false, []],
    ['a run reads itself', ask(RUN, 'run.read', RUN), false, []],
    ['a run reads the audit trail', ask(RUN, 'audit.read', INSTANCE), false, []],
    ['a run uses a secret', ask(RUN, 'secret.use', { type: 'Secret', id: 's', attributes: {} }), false, []],
    [
      'a run calls a model that no connection has',
      ask(RUN, 'model.call', { type: 'Model', id: 'm', attributes: {} }),
      false,
      [],
    ],
    [
      'a run executes',
      ask(RUN, 'exec', { type: 'Program', id: '/usr/bin/git', attributes: {} }),
      true,
      ['exec-in-the-box'],
    ],
    ['an undeclared service starts a run', ask(UNDECLARED, 'run.start', REPOSITORY), false, []],
    [
      'a service without attributes starts a run',
      ask({ ...NIGHTLY, attributes: {} }, 'run.start', REPOSITORY),
      false,
      [],
    ],
    ['a declared service starts a run', ask(NIGHTLY, 'run.start', REPOSITORY), true, ['services-run']],
    ['a service reads the audit trail', ask(NIGHTLY, 'audit.read', INSTANCE), false, []],
    ['a service edits policy', ask(NIGHTLY, 'policy.edit', INSTANCE), false, []],
    ['a person edits policy', ask(ADA, 'policy.edit', INSTANCE), false, []],
    ['a person manages credentials', ask(ADA, 'credential.manage', INSTANCE), true, ['people-credentials']],
    ['a person reads names of credentials', ask(ADA, 'credential.read', INSTANCE), true, ['people-look']],
    ['a person reads connections', ask(ADA, 'connection.read', INSTANCE), true, ['people-look']],
    ['a service manages credentials', ask(NIGHTLY, 'credential.manage', INSTANCE), false, []],
    ['a service reads names of credentials', ask(NIGHTLY, 'credential.read', INSTANCE), false, []],
    ['a run manages credentials', ask(RUN, 'credential.manage', INSTANCE), false, ['runs-never-decide']],
    ['a run reads connections', ask(RUN, 'connection.read', INSTANCE), false, []],
    ['a person starts a run', ask(ADA, 'run.start', REPOSITORY), true, ['people-run']],
    ['a person reads a run', ask(ADA, 'run.read', RUN), true, ['people-run']],
    ['a person cancels a run', ask(ADA, 'run.cancel', RUN), true, ['people-run']],
    ['a person prunes runs', ask(ADA, 'run.prune', INSTANCE), true, ['people-prune']],
    ['a service prunes runs', ask(NIGHTLY, 'run.prune', INSTANCE), false, []],
    ['a run prunes runs', ask(RUN, 'run.prune', INSTANCE), false, ['runs-never-decide']],
    ['a person reads the audit trail', ask(ADA, 'audit.read', INSTANCE), true, ['people-look']],
  ])
})

test('denies every action of the schema to a run without attributes', () => {
  const nobody: EntityRef = { type: 'Run', id: 'nobody', attributes: {} }
  const allowed = schemaActions(readSchema()).flatMap((action) =>
    [INSTANCE, REPOSITORY, nobody]
      .filter((resource) => ENGINE.decide({ principal: nobody, action, resource, context: {} }).allowed)
      .map(() => action),
  )
  expect(allowed).toEqual(['git.fetch'])
})
