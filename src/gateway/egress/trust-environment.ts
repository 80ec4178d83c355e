// What makes programs inside a sandbox use the proxy and trust the run's CA. Variables are all there is: no program
// has to be configured, and what ignores them has no route.

/**
 * `caPath` holds the run's CA alone, for programs that add it to their own roots; `bundlePath` replaces a program's
 * roots. Everything inside is answered by the gateway, so the bundle needs no public root.
 */
export function trustEnvironment(caPath: string, bundlePath: string): Record<string, string> {
  return {
    NODE_EXTRA_CA_CERTS: caPath,
    DENO_CERT: caPath,
    SSL_CERT_FILE: bundlePath,
    GIT_SSL_CAINFO: bundlePath,
    CURL_CA_BUNDLE: bundlePath,
    REQUESTS_CA_BUNDLE: bundlePath,
    PIP_CERT: bundlePath,
    CARGO_HTTP_CAINFO: bundlePath,
    AWS_CA_BUNDLE: bundlePath,
    NIX_SSL_CERT_FILE: bundlePath,
    HTTPLIB2_CA_CERTS: bundlePath,
    npm_config_cafile: bundlePath,
    npm_config_strict_ssl: 'true',
  }
}

/** `port` on 127.0.0.1 inside the sandbox. */
export function proxyEnvironment(port: number): Record<string, string> {
  const proxy = `http://127.0.0.1:${port}`
  // The box's own loopback: tests talk to the servers that they start, and the gateway could not reach those.
  const own = 'localhost,127.0.0.1,::1'
  return {
    http_proxy: proxy,
    https_proxy: proxy,
    all_proxy: proxy,
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
    ALL_PROXY: proxy,
    no_proxy: own,
    NO_PROXY: own,
    NODE_USE_ENV_PROXY: '1',
    npm_config_proxy: proxy,
    npm_config_https_proxy: proxy,
    npm_config_noproxy: own,
    CARGO_HTTP_PROXY: proxy,
  }
}
