interface Registries {
  /** The default registry first. */
  readonly registries: readonly URL[]
  /** Scope with its @ -> its registry. */
  readonly scopes: ReadonlyMap<string, URL>
}

const LOOPBACK = /^(localhost|127\.[0-9.]+|\[::1\])$/

// A registry on the operator's own machine is not on the sandbox's loopback, and NO_PROXY knows no exceptions: then all
// of loopback goes to the proxy, also what a test inside serves to itself.
const THROUGH_THE_PROXY = { no_proxy: '', NO_PROXY: '', npm_config_noproxy: '' }

/**
 * Points npm inside a sandbox to the registry by its real address, so that lockfiles written inside are the ones that
 * would be written outside. `home` is the sandbox's own and writable, `globalConfig` the path of npmGlobalConfig()'s
 * text.
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

/** An npmrc with what variables can't say: a shell drops variables whose names hold `@` and `:`. */
export function npmGlobalConfig({ scopes }: Registries): string {
  return [...scopes].map(([scope, url]) => `${scope}:registry=${url.href}\n`).join('')
}
