interface Registries {
  /** The default registry first. */
  readonly registries: readonly URL[]
  /** Maps a scope, with its @, to its registry. */
  readonly scopes: ReadonlyMap<string, URL>
}

const LOOPBACK = /^(localhost|127\.[0-9.]+|\[::1\])$/

// For a registry on the operator's own machine, which is not on the sandbox's loopback. NO_PROXY has no exceptions, so
// all loopback requests go to the proxy, also those to servers inside.
const THROUGH_THE_PROXY = { no_proxy: '', NO_PROXY: '', npm_config_noproxy: '' }

/**
 * Variables that point npm in a sandbox to the registry's real address, so that lockfiles are the same as outside.
 * `home`: the sandbox's writable home. `globalConfig`: path of a file with the text of npmGlobalConfig().
 */
export function npmEnvironment({ registries }: Registries, home: string, globalConfig: string): Record<string, string> {
  const [registry] = registries
  return {
    ...(registry && { npm_config_registry: registry.href }),
    ...(registries.some((url) => LOOPBACK.test(url.hostname)) && THROUGH_THE_PROXY),
    npm_config_cache: `${home}/.npm`,
    npm_config_globalconfig: globalConfig,
    npm_config_update_notifier: 'false',
    npm_config_fund: 'false',
    npm_config_audit: 'false',
    npm_config_progress: 'false',
  }
}

/**
 * An npmrc with the scopes. Variables can't set them, because shells drop variables whose names contain `@` and `:`.
 */
export function npmGlobalConfig({ scopes }: Registries): string {
  return [...scopes].map(([scope, url]) => `${scope}:registry=${url.href}\n`).join('')
}
