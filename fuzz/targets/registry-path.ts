// Target: paths below a registry. No parser, even after decoding once or twice, may read an accepted path as another
// one, and npm itself must accept its package name.
import { parseRegistryPath, type RegistryPath } from '../../src/gateway/registries/npm/registry-path.ts'
import { isPackageName } from '../oracles/npm.ts'
import { must, mustEqual, type Target } from '../target.ts'

const REGISTRY = new URL('https://r.example/npm/')

function run(input: Uint8Array): string {
  const text = Buffer.from(input).toString('utf8')
  const url = URL.parse(text, REGISTRY.href)
  if (url === null) return 'not a URL'
  const path = parseRegistryPath(url, REGISTRY)
  if (path === null) return 'none'
  must(url.href.startsWith(REGISTRY.href), () => `${url.href} is not below the registry`)
  checkDecoded(url.pathname, path)
  if (!('package' in path)) return `taken: ${path.kind}`
  must(isPackageName(path.package), () => `${JSON.stringify(path.package)} is not a package name for npm`)
  const again = parseRegistryPath(new URL(canonical(path), REGISTRY), REGISTRY)
  mustEqual(again, path, 'written and read again')
  return `taken: ${path.kind} ${path.package.startsWith('@')} ${url.pathname.includes('%')}`
}

/** Checks that servers that decode escapes, even twice, and resolve dots read the same path. */
function checkDecoded(pathname: string, path: RegistryPath): void {
  let decoded = pathname
  for (let times = 0; times < 2; times++) {
    decoded = decodeURIComponent(decoded)
    const parts = decoded.slice(REGISTRY.pathname.length).split('/')
    must(!parts.some((part) => part === '.' || part === '..' || part === ''), () => `${decoded} leads elsewhere`)
    must(!/[\\\u0000-\u0020\u007f?#%]/.test(decoded), () => `${JSON.stringify(decoded)} may be read otherwise`)
    if ('package' in path) must(decoded.includes(path.package), () => `${decoded} does not name ${path.package}`)
  }
}

function canonical(path: RegistryPath & { package: string }): string {
  const name = path.package.replace('/', '%2f')
  if (path.kind === 'packument') return name
  if (path.kind === 'manifest') return `${name}/latest`
  if (path.kind === 'tarball') return `${path.package}/-/x-1.0.0.tgz`
  return path.kind === 'dist-tags' ? `-/package/${name}/dist-tags` : `-/npm/v1/attestations/${path.package}@1.0.0`
}

export const target: Target = {
  name: 'registry-path',
  covers: ['src/gateway/registries/npm/registry-path.ts'],
  dictionary: [
    ...[
      '@',
      '%40',
      '%2f',
      '%2F',
      '/',
      '-/',
      '/-/',
      '..',
      '.',
      '%2e',
      '%25',
      '%00',
      '\\',
      '?',
      '#',
      '//',
      '.tgz',
      '@scope',
    ],
    ...[
      '-/package/',
      '/dist-tags',
      '-/npm/v1/',
      'attestations/',
      'security/advisories/bulk',
      '-/whoami',
      '-/user',
      '1.0.0',
    ],
    ...[
      'https://r.example/npm/',
      'https://r.example/',
      'latest',
      '~',
      '_',
      '+',
      '\u00e9',
      '\t',
      '-rev',
      '-/ping',
      '-/v1/search',
    ],
  ],
  maxBytes: 600,
  seeds: () => [
    ...['ms', '@scope/name', '%40scope%2Fname', 'ms/2.1.3', 'ms/-/ms-2.1.3.tgz', '@s/n/-/n-1.0.0-rc.1.tgz', '-/ping'],
    ...[
      '@s/n/-/@s/n-1.0.0.tgz',
      '-/package/@s%2fn/dist-tags',
      '-/npm/v1/attestations/@s/n@1.0.0',
      '-/v1/search?text=x',
    ],
    ...['-/npm/v1/security/advisories/bulk', '-/npm/v1/security/audits/quick', '..%2fadmin', '-/whoami', 'ms%2f..%2fx'],
  ],
  run,
}
