import { expect, test } from 'vitest'
import { scanDiffForSecrets } from './secret-scan.ts'

const KEY = `AKIA${'ABCDEFGHIJKLMNOP'}`

test('an added credential is found with file and line, and never quoted', () => {
  const diff = [
    'diff --git a/x b/x',
    '--- a/x',
    '+++ b/x',
    '@@ -1,2 +1,3 @@',
    ' one',
    `+key = ${KEY}`,
    ' two',
    '',
  ].join('\n')
  const findings = scanDiffForSecrets(diff)
  expect(findings).toEqual([{ rule: 'AWS access key id', file: 'x', line: 2 }])
  expect(JSON.stringify(findings)).not.toContain(KEY)
})

test('a credential that was there before, or is taken out, is not the run’s', () => {
  expect(scanDiffForSecrets(['+++ b/x', '@@ -1,2 +1,1 @@', ` key = ${KEY}`, `-other = ${KEY}`].join('\n'))).toEqual([])
})

test('an added line that looks like a file header is still looked at', () => {
  const diff = ['diff --git a/x b/x', '--- a/x', '+++ b/x', '@@ -0,0 +1,1 @@', `+++ ${KEY}`].join('\n')
  expect(scanDiffForSecrets(diff)).toHaveLength(1)
})
