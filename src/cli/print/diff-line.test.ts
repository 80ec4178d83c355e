import { expect, test } from 'vitest'
import { diffPainter } from './diff-line.ts'
import type { Style } from '../text/style.ts'

const mark = (name: string) => (text: string) => `${name}:${text}`
const STYLE = Object.fromEntries(
  ['bold', 'dim', 'good', 'bad', 'warn', 'accent'].map((name) => [name, mark(name)]),
) as unknown as Style

test('paints content that looks like a header as content', () => {
  const lines = [
    'diff --git a/x b/x',
    '--- a/x',
    '+++ b/x',
    '@@ -1,2 +1,3 @@',
    '--- a/innocent',
    '+++ b/innocent',
    '+@@ -1 +1 @@',
    ' kept\u001b[2J',
    '\\ No newline at end of file',
    'diff --git a/y b/y',
  ]
  expect(lines.map(diffPainter(STYLE))).toEqual([
    'bold:diff --git a/x b/x',
    'bold:--- a/x',
    'bold:+++ b/x',
    'accent:@@ -1,2 +1,3 @@',
    'bad:--- a/innocent',
    'good:+++ b/innocent',
    'good:+@@ -1 +1 @@',
    ' kept\\x1b[2J',
    '\\ No newline at end of file',
    'bold:diff --git a/y b/y',
  ])
})
