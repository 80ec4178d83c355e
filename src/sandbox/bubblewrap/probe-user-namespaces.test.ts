import { expect, test } from 'vitest'
import { explainRefusal } from './probe-user-namespaces.ts'

test.each([
  ['/proc/sys/kernel/unprivileged_userns_clone', '0', 'kernel.unprivileged_userns_clone=1'],
  ['/proc/sys/user/max_user_namespaces', '0', 'user.max_user_namespaces=15000'],
  ['/proc/sys/kernel/apparmor_restrict_unprivileged_userns', '1', 'profile bwrap'],
])('names the setting %s = %s and its cure', (path, value, cure) => {
  const refusal = explainRefusal((asked) => (asked === path ? value : null))
  expect(refusal.reason).toContain(path.split('/').at(-1))
  expect(refusal.cure).toContain(cure)
})

test('reports an unknown reason as unknown', () => {
  expect(explainRefusal(() => null).reason).toContain('no known setting')
})
