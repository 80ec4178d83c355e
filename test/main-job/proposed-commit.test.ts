// What the commit of a run is made of: what the run changed, and nothing that tells one run from another.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxKinds, sandboxSection } from '../sandbox-kinds.ts'
import type { Bench } from './glovebox.ts'
import { commitAll, git, makeRepository, openBench } from './glovebox.ts'

interface Summary {
  run: { id: string; status: string; reason: string | null }
  change: { id: string; commit: string; files: number } | null
}

/** Files that git would write otherwise than they are, were it asked to. */
const ODD: Readonly<Record<string, string | Uint8Array>> = {
  'crlf.txt': 'one\r\ntwo\r\n',
  'o"dd näme\t.txt': 'one\r\n',
  'expanded.c': '/* $Id: 0123456789 $ */\n',
  'encoded.u16': new Uint8Array([0x63, 0x61, 0x66, 0xe9, 0xff, 0xfe, 0x0a]),
}
const ATTRIBUTES = '*.txt text\n*.c ident\n*.u16 working-tree-encoding=UTF-16\n'

describe.each(await sandboxKinds())('$kind', (kind) => {
  let bench: Bench
  let repository: string

  async function write(script: string): Promise<Summary> {
    const { stdout, stderr } = await bench.glovebox(
      ...['run', '--repo', repository, '--mode', 'write', '--json', '--', 'sh', '-ec', script],
    )
    if (stdout === '') throw new Error(stderr)
    return JSON.parse(stdout) as Summary
  }

  const changed = async ({ change }: Summary): Promise<string[]> => {
    const { stdout } = await bench.glovebox('change', 'diff', change?.id ?? '')
    return stdout.split('\n').filter((line) => /^(diff --git|[-+](?![-+]))/.test(line))
  }

  beforeAll(async () => {
    bench = await openBench()
    await mkdir(bench.data, { mode: 0o700 })
    await writeFile(join(bench.data, 'glovebox.yaml'), sandboxSection(kind), { mode: 0o600 })
    repository = await makeRepository(bench.folder, 'odd', { 'plain.md': 'plain\n' })
    for (const [name, content] of Object.entries(ODD)) await writeFile(join(repository, name), content)
    await commitAll(repository, 'Before the attributes')
    await writeFile(join(repository, '.gitattributes'), ATTRIBUTES)
    await git(repository, 'add', '.gitattributes')
    await git(repository, '-c', 'user.name=Ada', '-c', 'user.email=a@example.com', 'commit', '-qm', 'Attributes')
  })
  afterAll(() => bench[Symbol.asyncDispose]())

  test('a run that does nothing proposes nothing, whatever git would make of the files', async () => {
    for (const script of [
      'true',
      'touch -- *; sleep 1.1; touch -- *',
      'cp crlf.txt other; cat other > crlf.txt; rm other',
    ])
      expect(await write(script)).toMatchObject({ run: { status: 'succeeded' }, change: null })
  })

  test('what the run touched is proposed, and nothing beside it', async () => {
    const edited = await write('echo more >> plain.md; rm expanded.c; echo new > new.txt; touch -- *')
    expect(edited).toMatchObject({ run: { status: 'succeeded' }, change: { files: 3 } })
    expect(await changed(edited)).toEqual([
      'diff --git a/expanded.c b/expanded.c',
      '-/* $Id: 0123456789 $ */',
      'diff --git a/new.txt b/new.txt',
      '+new',
      'diff --git a/plain.md b/plain.md',
      '+more',
    ])
    const executable = await write('chmod +x plain.md')
    expect(executable).toMatchObject({ change: { files: 1 } })
  })

  test('line endings are proposed where the run was about them', async () => {
    expect(await changed(await write('git add --renormalize crlf.txt'))).toEqual([
      'diff --git a/crlf.txt b/crlf.txt',
      '-one\r',
      '-two\r',
      '+one',
      '+two',
    ])
  })

  test('the same work on the same commit gives the same commit, committed by the run or for it', async () => {
    const script = 'echo fixed > fix; git add fix; git commit -qm "by the run"; echo left >> plain.md'
    const [first, second] = [await write(script), await write(script)]
    expect(first.run.id).not.toBe(second.run.id)
    expect(first.change?.commit).toMatch(/^[0-9a-f]{40}$/)
    expect(second.change?.commit).toBe(first.change?.commit)
    const base = await git(repository, 'log', '-1', '--format=%ct')
    const shown = await bench.glovebox('change', 'show', first.change?.id ?? '', '--json')
    expect((JSON.parse(shown.stdout) as { change: { findings: string[] } }).change.findings).toEqual([])
    const [pushed] = await bench.events(first.run.id, 'git.pushed')
    expect(pushed?.body.updates[0]?.ref).toBe('refs/heads/glovebox-change')
    const seen = await write('git commit -q --allow-empty -m x; git log -1 --format="%an %ae %cn %ce %at %ct"')
    const { stdout } = await bench.glovebox('output', seen.run.id, 'command')
    const date = Number(base.trim()) + 1
    expect(stdout).toBe(`Glovebox run@glovebox.invalid Glovebox run@glovebox.invalid ${date} ${date}\n`)
  })

  test('nothing in the environment tells one run from another', async () => {
    const outputs = await Promise.all(
      [await write('env | sort; hostname'), await write('env | sort; hostname')].map(async ({ run }) => {
        const { stdout } = await bench.glovebox('output', run.id, 'command')
        return { id: run.id, stdout }
      }),
    )
    expect(outputs[0]?.stdout).toContain('SOURCE_DATE_EPOCH=')
    expect(outputs[0]?.stdout).toBe(outputs[1]?.stdout)
    expect(outputs[0]?.stdout).not.toContain(outputs[0]?.id)
  })
})
