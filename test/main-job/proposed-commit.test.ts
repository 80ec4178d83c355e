// The commit of a run: it contains the run's changes and nothing that distinguishes one run from another.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxKinds, sandboxSection } from '../sandbox-kinds.ts'
import { commitAll, git, makeRepository } from './glovebox.ts'
import { openWorkshop, textOf } from './in-process.ts'
import type { Ran, Workshop } from './in-process.ts'

/** Files that git would store with other bytes than they have. */
const ODD: Readonly<Record<string, string | Uint8Array>> = {
  'crlf.txt': 'one\r\ntwo\r\n',
  'o"dd näme\t.txt': 'one\r\n',
  'expanded.c': '/* $Id: 0123456789 $ */\n',
  'encoded.u16': new Uint8Array([0x63, 0x61, 0x66, 0xe9, 0xff, 0xfe, 0x0a]),
}
const ATTRIBUTES = '*.txt text\n*.c ident\n*.u16 working-tree-encoding=UTF-16\n'

describe.each(await sandboxKinds())('$kind', (kind) => {
  let shop: Workshop
  let repository: string

  const write = (script: string): Promise<Ran> => shop.run(repository, { script, mode: 'write' })

  async function changed({ change }: Ran): Promise<string[]> {
    const diff = await textOf(await shop.client.readDiff({ params: { change: change?.change.id ?? '' } }))
    return diff.split('\n').filter((line) => /^(diff --git|[-+](?![-+]))/.test(line))
  }

  beforeAll(async () => {
    shop = await openWorkshop(sandboxSection(kind))
    repository = await makeRepository(shop.folder, 'odd', { 'plain.md': 'plain\n' })
    for (const [name, content] of Object.entries(ODD)) await writeFile(join(repository, name), content)
    await commitAll(repository, 'Before the attributes')
    await writeFile(join(repository, '.gitattributes'), ATTRIBUTES)
    await git(repository, 'add', '.gitattributes')
    await git(repository, '-c', 'user.name=Ada', '-c', 'user.email=a@example.com', 'commit', '-qm', 'Attributes')
  })
  afterAll(() => shop[Symbol.asyncDispose]())

  test.each([
    ['does nothing', 'true'],
    ['touches every file', 'touch -- *; sleep 1.1; touch -- *'],
    ['writes again what a file holds', 'cp crlf.txt other; cat other > crlf.txt; rm other'],
  ])('a run that %s proposes nothing, even if git would store the files differently', async (_, script) => {
    expect(await write(script)).toMatchObject({ run: { status: 'succeeded' }, change: null })
  })

  test('proposes only files that the run changed', async () => {
    const edited = await write('echo more >> plain.md; rm expanded.c; echo new > new.txt; touch -- *')
    expect(edited).toMatchObject({ run: { status: 'succeeded' }, change: { change: { files: 3 } } })
    expect(await changed(edited)).toEqual([
      'diff --git a/expanded.c b/expanded.c',
      '-/* $Id: 0123456789 $ */',
      'diff --git a/new.txt b/new.txt',
      '+new',
      'diff --git a/plain.md b/plain.md',
      '+more',
    ])
    expect((await write('chmod +x plain.md')).change?.change.findings).toEqual(['makes executable: plain.md'])
  })

  test('proposes line endings that the run staged', async () => {
    expect(await changed(await write('git add --renormalize crlf.txt'))).toEqual([
      'diff --git a/crlf.txt b/crlf.txt',
      '-one\r',
      '-two\r',
      '+one',
      '+two',
    ])
  })

  test('the same work on the same commit gives the same commit id, whether the run or Glovebox commits', async () => {
    const script = `echo fixed > fix; git add fix; git commit -qm "by the run"; echo left >> plain.md
      git log -1 --format="%an %ae %cn %ce %at %ct"`
    const [first, second] = [await write(script), await write(script)]
    expect(first.run.id).not.toBe(second.run.id)
    expect(first.change?.change.commit).toMatch(/^[0-9a-f]{40}$/)
    expect(second.change?.change.commit).toBe(first.change?.change.commit)
    expect(first.change?.change.findings).toEqual([])
    expect(first.of('git.pushed')).toMatchObject([{ updates: [{ ref: 'refs/heads/glovebox-change' }] }])
    const date = Number(await git(repository, 'log', '-1', '--format=%ct')) + 1
    const person = 'Glovebox run@glovebox.invalid'
    expect(await first.output(1)).toBe(`${person} ${person} ${date} ${date}\n`)
  })

  test('the environment does not distinguish one run from another', async () => {
    const runs = [await write('env | sort; hostname'), await write('env | sort; hostname')]
    const [first, second] = await Promise.all(runs.map((run) => run.output(1)))
    expect(first).toContain('SOURCE_DATE_EPOCH=')
    expect(first).toBe(second)
    expect(first).not.toContain(runs[0]?.run.id)
  })
})
