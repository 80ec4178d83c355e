import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { knownScript } from './known-script.ts'

test('recognises a script by its whole text except the parts that vary', () => {
  const sha256 = createHash('sha256').update('cat > state-.sh\n').digest('hex')
  const isKnown = knownScript(sha256, [/(?<=state-)\d+/g])
  expect(
    ['cat > state-1.sh\n', 'cat > state-22.sh\n', 'cat > state-1.sh; id\n', 'cat > state-a.sh\n'].map(isKnown),
  ).toEqual([true, true, false, false])
})
