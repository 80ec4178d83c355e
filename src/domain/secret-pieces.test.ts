import { expect, test } from 'vitest'
import { secretPieces } from './secret-pieces.ts'

const FIRST = 'MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqV'
const LAST = 'TIm50DFtMDoQYM1+'
const PEM = ['-----BEGIN PRIVATE KEY-----', FIRST, LAST, 'x9==', '-----END PRIVATE KEY-----'].join('\n')

test('a secret of one line is one piece', () => {
  expect(secretPieces('sk-1234')).toEqual(['sk-1234'])
})

test('a key in PEM is its whole, with either line break, its lines, and its body without breaks', () => {
  expect(secretPieces(PEM)).toEqual([PEM, PEM.replaceAll('\n', '\r\n'), `${FIRST}${LAST}x9==`, FIRST, LAST])
})

test('boundaries, which all keys have, and short lines are no pieces', () => {
  for (const piece of ['-----BEGIN PRIVATE KEY-----', 'x9==']) expect(secretPieces(PEM)).not.toContain(piece)
})

test('what is no PEM is its whole and its lines', () => {
  const text = `user: somebody\r\n  password: ${FIRST}`
  expect(secretPieces(text)).toEqual([text, text.replace('\r\n', '\n'), `password: ${FIRST}`])
})
