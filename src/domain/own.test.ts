import { expect, test } from 'vitest'
import { own } from './own.ts'

test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueOf'])(
  '%s is in no record of itself',
  (key) => {
    expect(own({}, key)).toBeUndefined()
    expect(own(JSON.parse(`{"${key}":"given"}`) as Record<string, string>, key)).toBe('given')
  },
)
