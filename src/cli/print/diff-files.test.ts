import { expect, test } from 'vitest'
import { filesOfDiff } from './diff-files.ts'

test('counts the lines of each file', () => {
  const diff = `diff --git a/src/a.js b/src/a.js
index 1..2 100644
--- a/src/a.js
+++ b/src/a.js
@@ -1,2 +1,3 @@ function x() {
 one
-two
+2
+3
@@ -10 +11,0 @@
-gone
diff --git a/new file.txt b/new file.txt
new file mode 100644
--- /dev/null
+++ b/new file.txt\t
@@ -0,0 +1 @@
+x
\\ No newline at end of file
diff --git a/old.txt b/old.txt
deleted file mode 100644
--- a/old.txt
+++ /dev/null
@@ -1 +0,0 @@
-x
`
  expect(filesOfDiff(diff)).toEqual([
    { path: 'src/a.js', insertions: 2, deletions: 2 },
    { path: 'new file.txt', insertions: 1, deletions: 0 },
    { path: 'old.txt', insertions: 0, deletions: 1 },
  ])
})

test('treats content that looks like a header of another file as content', () => {
  const diff = `diff --git a/a b/a
--- a/a
+++ b/a
@@ -1,3 +1,4 @@
-diff --git a/hidden b/hidden
--- a/hidden
+++ b/innocent
+@@ -1,9 +1,9 @@
 diff --git a/x b/x
+diff --git a/y b/y
`
  expect(filesOfDiff(diff)).toEqual([{ path: 'a', insertions: 3, deletions: 2 }])
})

test('names renamed, binary, mode-only and quoted files', () => {
  const diff = `diff --git a/from name b/to name
similarity index 100%
rename from from name
rename to to name
diff --git a/logo.png b/logo.png
Binary files a/logo.png and b/logo.png differ
diff --git a/run.sh b/run.sh
old mode 100644
new mode 100755
diff --git "a/\\342\\200\\256x" "b/\\342\\200\\256x"
new file mode 100644
`
  expect(filesOfDiff(diff).map((file) => file.path)).toEqual(['to name', 'logo.png', 'run.sh', '\\342\\200\\256x'])
})

test('an empty diff has no files', () => {
  expect(filesOfDiff('')).toEqual([])
})
