import { describe, expect, test } from 'vitest'
import { redirectPlace, registryPlace, type Place } from './place.ts'

const OURS = new URL('https://r.example/npm/')
const OTHER = new URL('https://corp.example:8443/')
const INNER = new URL('http://10.0.0.5:8081/repository/npm/')
const REGISTRIES = [OURS, OTHER, INNER]
const TARBALL = registryPlace(new URL('a/-/a-1.0.0.tgz', OURS), REGISTRIES)

function lead(location: string | undefined, from: Place = TARBALL): Place {
  return redirectPlace(from, location, REGISTRIES)
}

describe('redirectPlace', () => {
  test('a path that npm could request belongs to its registry', () => {
    expect(lead('/x/../npm/b/-/b-1.0.0.tgz')).toMatchObject({ kind: 'registry', path: { kind: 'tarball' } })
    expect(lead('https://corp.example:8443/@corp%2fb')).toMatchObject({ kind: 'registry', path: { kind: 'packument' } })
  })

  test.each([
    'https://corp.example:8443/-/npm/v1/tokens',
    'https://CORP.example:8443/-/whoami',
    'https://corp.example:8443/x/../-/whoami',
    'https://corp.example:8443/x/%2e%2e/-/whoami',
    'https://corp.example:8443//-/whoami',
    'https://corp.example:8443/%2d/whoami',
    'https://corp.example:8443\\-\\whoami',
    '//corp.example:8443/-/npm/v1/user',
    '/npm/-/whoami',
    '/x/../npm/-/npm/v1/tokens',
    '/npm/-/npm/v1/tokens#.tgz',
    'http://10.0.0.5:8081/repository/npm/-/whoami',
  ])('%s is at a registry, but not a served path', (location) => {
    // A redirect to plain HTTP is followed only within one origin.
    const from = location.startsWith('http:') ? registryPlace(new URL('a/-/a-1.0.0.tgz', INNER), REGISTRIES) : TARBALL
    expect(lead(location, from)).toMatchObject({ kind: 'registry', path: null })
  })

  test.each([
    ['https://store.example/x?sig=1#x', 'https://store.example/x?sig=1', false],
    ['https://store.example:9000/x', 'https://store.example:9000/x', false],
    ['/storage/a-1.0.0.tgz', 'https://r.example/storage/a-1.0.0.tgz', true],
    ['/NPM/-/whoami', 'https://r.example/NPM/-/whoami', true],
    ['//r.example//npm/-/whoami', 'https://r.example//npm/-/whoami', true],
    ['https://r.example:8443/npm/-/whoami', 'https://r.example:8443/npm/-/whoami', false],
  ])('%s is storage, which gets no credential', (location, href, own) => {
    const place = lead(location)
    expect(place).toMatchObject({ kind: 'storage', of: 'r.example:443', own })
    expect(place.url.href).toBe(href)
  })

  test('storage that redirects does not count as a registry', () => {
    const storage = lead('https://store.example/x')
    expect(lead('/y', storage)).toMatchObject({ kind: 'storage', own: false, of: 'r.example:443' })
    expect(() => lead('https://corp.example:8443/storage/x', storage)).not.toThrow()
    expect(() => lead('https://r.example/admin', storage)).toThrow(/another registry/)
  })

  test.each([
    [undefined, /without a valid http/],
    ['https://', /without a valid http/],
    ['file:///etc/passwd', /without a valid http/],
    ['javascript:1', /without a valid http/],
    ['https://u:p@store.example/x', /user name or password/],
    ['https://corp.example:8443@store.example/x', /user name or password/],
    ['http://store.example/x', /without TLS/],
    ['http://r.example/npm/a', /without TLS/],
    ['http://10.0.0.5:8081/repository/npm/a', /without TLS/],
    ['https://corp.example.:8443/-/whoami', /not acceptable/],
  ])('does not follow a redirect to %s', (location, why) => expect(() => lead(location)).toThrow(why))

  test('does not follow an overlong URL', () => {
    expect(() => lead(`https://store.example/${'x'.repeat(9000)}`)).toThrow(/without a valid http/)
  })
})
