// `--html`: a page about a run that can be sent, in which nothing of a run is markup.
import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { HOSTILE, RUN } from './samples.ts'
import { sampleTerminals, START } from './sample-terminals.ts'

const terminals = sampleTerminals()
const MARKUP = `</pre></style><script>alert(1)</script><img src=x onerror=alert(1)>"'\`&${HOSTILE}`

const pageOf = () => readFile(join(terminals.folder, 'run.html'), 'utf8')

test('runs show --html writes summary, steps, refusals, diff, comparison and the digest of the record', async () => {
  const { type } = await terminals.openWithChange()
  const { code, stderr } = await type('runs', 'show', RUN, '--html', 'run.html')
  expect(code).toBe(0)
  expect(stderr).toContain('Wrote run.html\n')
  expect((await stat(join(terminals.folder, 'run.html'))).mode & 0o777).toBe(0o600)
  const page = await pageOf()
  for (const text of [
    `Run ${RUN}`,
    'succeeded',
    'audit',
    'https://evil.example/steal',
    'package-lock.json',
    'Gate: closed',
  ])
    expect(page).toContain(text)
  const { stdout } = await type('trace', RUN, '--json')
  expect(page).toContain(createHash('sha256').update(stdout).digest('hex'))
  expect(page).toContain(`head -n ${stdout.trimEnd().split('\n').length} | sha256sum`)
})

test('run --html writes the page at the end of the run', async () => {
  const { type } = await terminals.openWorking('succeeded')
  expect((await type(...START, '--html', 'run.html')).code).toBe(0)
  expect(await pageOf()).toContain('Fix known vulnerabilities')
  expect((await type(...START, '--detach', '--html', 'run.html')).stderr).toContain('--html needs the end of the run')
})

test('text of a run never becomes markup, and the page runs and loads nothing', async () => {
  const fields = { title: MARKUP, branch: MARKUP, findings: [MARKUP] }
  const { type, instance } = await terminals.openWithChange({}, fields as never)
  await instance.emit(RUN, 'platform.failed', { detail: MARKUP })
  await instance.emit(RUN, 'net.requested', {
    ...{
      service: 'egress',
      method: 'GET',
      url: `https://x.example/${MARKUP}`,
      status: 403,
      requestBytes: 0,
      responseBytes: 0,
      wallMs: 1,
    },
    decision: { allowed: false, reasons: [MARKUP] },
  } as never)
  await type('runs', 'show', RUN, '--html', 'run.html')
  const page = await pageOf()
  expect(page).toContain('&#60;script&#62;alert(1)')
  const tags = new Set([...page.matchAll(/<\/?([a-z][a-z0-9]*)/gi)].map(([, name]) => name?.toLowerCase()))
  for (const tag of ['script', 'img', 'link', 'iframe', 'object', 'a', 'form', 'svg']) expect(tags).not.toContain(tag)
  expect(page).not.toMatch(/<[^>]*\son[a-z]+=/i)
  expect(page.match(/<\/style>/g)).toHaveLength(1)
  expect(page).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u200b-\u200f\u2066-\u2069]/u)
  const style = /<style>([^]*)<\/style>/.exec(page)?.[1] ?? ''
  const hash = createHash('sha256').update(style).digest('base64')
  expect(page).toContain(`content="default-src &#39;none&#39;; style-src &#39;sha256-${hash}&#39;;`)
  expect(style).not.toMatch(/url\(|@import/)
})

test('a file that can not be written is named', async () => {
  const { type } = await terminals.openWithChange()
  const { code, stderr } = await type('runs', 'show', RUN, '--html', 'none/run.html')
  expect(code).toBe(2)
  expect(stderr).toContain("none/run.html can't be written: ENOENT")
})
