// A hostile command sees nothing of the host, has no way out and may push only its own branch. Every attempt is
// recorded.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxKinds, sandboxSection } from '../sandbox-kinds.ts'
import type { Bench } from './glovebox.ts'
import { CANARY, commitAll, git, makeRepository, openBench } from './glovebox.ts'
import { makeDataFolder } from '../data-folder.ts'

describe.each(await sandboxKinds())('$kind', (kind) => {
  let bench: Bench
  let repository: string
  beforeAll(async () => {
    bench = await openBench()
    await makeDataFolder(bench.data, sandboxSection(kind))
    repository = await makeRepository(bench.folder, 'project', { 'README.md': 'hello\n' }, { bare: true })
  })
  afterAll(() => bench[Symbol.asyncDispose]())

  async function attempt(script: string, ...flags: string[]) {
    const { code, stdout, stderr } = await bench.glovebox(
      'run',
      '--repo',
      repository,
      ...flags,
      '--json',
      '--',
      'sh',
      '-c',
      script,
    )
    if (stdout === '') throw new Error(stderr)
    const { run, change } = JSON.parse(stdout) as { run: { id: string; status: string }; change: { id: string } | null }
    const output = await bench.glovebox('output', run.id, '1')
    const errors = await bench.glovebox('output', run.id, '1', '--stderr')
    return { id: run.id, status: run.status, change, code, out: output.stdout, err: errors.stdout }
  }

  test('no file of the host, no way out, no secret in the environment', async () => {
    const { id, out, err } = await attempt(
      'cat /etc/shadow ~/.ssh/id_rsa /proc/1/environ; curl -sS -m 5 https://example.com; env',
    )
    // An image has its own file, which no process in the sandbox may read.
    expect(err).toMatch(/\/etc\/shadow: (No such file|Permission denied)/)
    expect(err).toMatch(/id_rsa: No such file/)
    expect(out).toContain('Glovebox refused: GET https://example.com/')
    expect(out).not.toMatch(/root:/)
    expect(out).toContain('GLOVEBOX_TASK=')
    expect(out).not.toContain(CANARY)
    expect(out).not.toMatch(/^(?!GIT_|GLOVEBOX|npm_config_).*(TOKEN|SECRET|PASSWORD|API_?KEY)/im)
    const [request] = await bench.events(id, 'net.requested')
    expect(request?.body).toMatchObject({ url: 'https://example.com/', status: 403, decision: { allowed: false } })
  })

  test('without the proxy there is no route and no resolver', async () => {
    const { out } = await attempt(
      `for url in https://1.1.1.1 'http://[2606:4700::1111]/' https://example.com; do curl -sS -g -m 5 --noproxy '*' $url >/dev/null 2>&1; echo "code $?"; done; cat /etc/resolv.conf 2>/dev/null; true`,
    )
    expect(out.trim().split('\n')).toEqual(['code 7', 'code 7', 'code 6'])
  })

  test('a read-only run cannot push', async () => {
    const { id, out, change } = await attempt(
      `echo x > x; git add x; git commit -qm x; git push origin HEAD:refs/heads/glovebox-change 2>&1; git push origin HEAD:main 2>&1; true`,
    )
    expect(out).toMatch(/remote rejected|read-only/)
    expect(change).toBeNull()
    const pushes = await bench.events(id, 'git.pushed')
    expect(pushes.every((event) => !event.body.accepted)).toBe(true)
    const denied = (await bench.events(id, 'policy.decided')).filter((event) => event.body.action === 'git.push')
    expect(denied.length + pushes.length).toBeGreaterThan(0)
  })

  test('a run in write mode can push only its own branch', async () => {
    const before = await git(repository, 'for-each-ref')
    const { id, out } = await attempt(
      `echo x > x; git add x; git commit -qm x
     for ref in main glovebox/command/other refs/tags/v1 refs/notes/x; do git push origin HEAD:$ref 2>&1; done
     git push --force origin HEAD:main 2>&1; git push origin :main 2>&1
     git push origin HEAD:refs/heads/glovebox-change && echo own-branch-pushed`,
      '--mode',
      'write',
    )
    expect(out).toContain('own-branch-pushed')
    expect(out.match(/remote rejected/g)?.length ?? 0).toBeGreaterThanOrEqual(6)
    const pushes = await bench.events(id, 'git.pushed')
    expect(
      pushes.filter((event) => event.body.accepted).flatMap((event) => event.body.updates.map((update) => update.ref)),
    ).toEqual(['refs/heads/glovebox-change'])
    expect(await git(repository, 'for-each-ref')).toBe(before)
  })

  test('programs in the workspace’s .git/config run only inside the sandbox', async () => {
    const marker = join(bench.folder, 'owned-on-the-host')
    const { status, change } = await attempt(
      `git config core.fsmonitor "touch ${marker} /tmp/inside; true"; git config core.hooksPath /workspace/hooks; mkdir -p /workspace/hooks
     printf '#!/bin/sh\\ntouch ${marker}\\n' | tee /workspace/hooks/pre-commit /workspace/hooks/pre-push /workspace/hooks/post-checkout > /dev/null; chmod +x /workspace/hooks/*
     git config filter.evil.clean "touch ${marker}; cat"; git config filter.evil.smudge "touch ${marker}; cat"; echo '* filter=evil' > .gitattributes
     git config core.worktree /; git config --unset core.worktree; git config diff.external "touch ${marker}"; git config alias.push "!touch ${marker}"
     echo changed > README.md`,
      '--mode',
      'write',
    )
    expect(status).toBe('succeeded')
    const { stdout, code } = await bench.glovebox('change', 'diff', change?.id ?? '')
    expect(code).toBe(0)
    expect(stdout).toContain('+changed')
    const shown = await bench.glovebox('change', 'show', change?.id ?? '')
    expect(shown.stdout).toContain('.gitattributes')
    await expect(import('node:fs/promises').then(({ stat }) => stat(marker))).rejects.toThrow(/ENOENT/)
  })

  test('ignores a task on the run’s own branch, because tasks come from the default branch', async () => {
    const tree = await makeRepository(bench.folder, 'with-task', {
      'README.md': 'x\n',
      '.glovebox/tasks/greet.yaml':
        'name: greet\ndescription: Say hello\nmode: read-only\nsteps:\n  - run: echo "from the default branch"\n',
    })
    await git(tree, 'checkout', '-q', '-b', 'feature')
    await writeFile(
      join(tree, '.glovebox/tasks/greet.yaml'),
      'name: greet\ndescription: Say hello\nmode: read-only\nsteps:\n  - run: echo "from the feature branch"\n',
    )
    await commitAll(tree, 'Change the task')
    await git(tree, 'checkout', '-q', 'main')
    const { stdout, stderr } = await bench.glovebox('run', 'greet', '--repo', tree, '--ref', 'feature', '--json')
    const { run } = JSON.parse(stdout || stderr) as { run: { id: string } }
    expect((await bench.glovebox('output', run.id, '1')).stdout).toBe('from the default branch\n')
  })

  test('reports a lockfile that fetches from a new origin', async () => {
    const lockfile = (host: string) =>
      JSON.stringify({
        lockfileVersion: 3,
        packages: { 'node_modules/a': { version: '1.0.0', resolved: `https://${host}/a/-/a-1.0.0.tgz` } },
      })
    const tree = await makeRepository(bench.folder, 'locked', { 'package-lock.json': lockfile('registry.example') })
    const script = `printf '%s' "$1" > package-lock.json`
    const { stdout } = await bench.glovebox(
      'run',
      '--repo',
      tree,
      '--mode',
      'write',
      '--json',
      '--',
      'sh',
      '-c',
      script,
      'sh',
      lockfile('evil.example'),
    )
    const { change } = JSON.parse(stdout) as { change: { id: string } }
    const shown = await bench.glovebox('change', 'show', change.id)
    expect(shown.stdout).toContain('package-lock.json: fetches from a new place: https://evil.example')
  })

  test('a second run finds no files of the first', async () => {
    await attempt(
      'echo secret > /workspace/left; echo secret > /tmp/left; mkdir -p ~/.config && echo secret > ~/.config/left',
    )
    const { out } = await attempt('ls -A /workspace /tmp ~ 2>&1; cat /workspace/left /tmp/left ~/.config/left 2>&1')
    expect(out).not.toContain('secret')
  })
})
