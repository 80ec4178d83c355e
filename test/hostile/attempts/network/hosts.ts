// Attempts with names that two parsers read as different hosts.
import type { Attempt } from '../../attempt.ts'
import { wireScript } from '../../inside-python.ts'
import { expectRefused } from './refused-requests.ts'

function names(id: string, tries: string, list: string): Attempt {
  return {
    id,
    group: 'network',
    tries,
    wall: 'strict host grammar: plain ASCII with one reading',
    invariant: 2,
    reach: ['anywhere'],
    script: wireScript(String.raw`
works = []
for name in [${list}]:
    name = name.encode().decode('latin-1')
    works.append((f'http {name!r}', lambda name=name: raw(f'GET http://{name}/x HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n')))
    works.append((f'CONNECT {name!r}', lambda name=name: raw(f'CONNECT {name}:443 HTTP/1.1\r\nHost: {name}:443\r\n\r\n')))
all_at_once(works)`),
    verify: (outcome) => expectRefused(outcome, [400]),
  }
}

export const HOSTS: readonly Attempt[] = [
  names(
    'host-control-characters',
    'put NUL, CR, LF, spaces, tabs, backslashes and escapes into a host name',
    String.raw`f'{GIT}\0.evil.example.com', f'{GIT}%00.evil.example.com', f'{GIT}\revil.example.com', f'{GIT}%0d%0a', f'{GIT}\tx', f'{GIT}\\evil', f'evil.example.com\\@{GIT}', f'{GIT}%2eevil.example.com', f'{GIT}%20', '%67it.glovebox.internal', f'{GIT}\x7f'`,
  ),
  names(
    'host-dots-and-labels',
    'use trailing, leading and doubled dots, empty, long and dashed labels, underscores, wildcards',
    String.raw`GIT + '.', '.' + GIT, GIT.replace('.', '..'), GIT + '..', '-' + GIT, 'git-.glovebox.internal', 'git_.glovebox.internal', '*.glovebox.internal', 'a' * 64 + '.com', 'a.' * 130 + 'com', '.', ''`,
  ),
  names(
    'host-international',
    'use homographs, full-width letters, ideographic stops, soft hyphens and malformed punycode',
    String.raw`'g\u0456t.glovebox.internal', '\uff47it.glovebox.internal', 'git\u3002glovebox\u3002internal', 'gi\u00adt.glovebox.internal', 'git.glovebox.intern\u0430l', 'xn--', 'xn--a-.com', 'xn--\u00fc.com', 'stra\u00dfe.example.com', '\u212bngstrom.example.com', 'git\u200d.glovebox.internal'`,
  ),
  names(
    'host-userinfo',
    'hide the real host behind a user name, a password, a second @, a fragment or a query',
    String.raw`f'{GIT}@evil.example.com', f'{GIT}:443@evil.example.com', f'evil.example.com#@{GIT}', f'evil.example.com?@{GIT}', f'a@b@{GIT}', f'evil.example.com;@{GIT}', f'{GIT}:80:80', f'{GIT},evil.example.com', f'{GIT}&evil', f'[{GIT}]', f'{GIT}:٨٠'`,
  ),
]
