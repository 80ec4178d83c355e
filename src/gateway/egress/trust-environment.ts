// What makes programs inside a sandbox use the proxy and trust the run's CA. Variables are all there is: no program
// has to be configured, and what ignores them has no route.
import { javaTrustStore } from './java-trust-store.ts'
import type { TrustFile } from '../types.ts'

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

/**
 * The JVM reads neither the proxy's variables nor PEM. JAVA_TOOL_OPTIONS is what every JVM reads, in every box and image,
 * also one that a build downloads or embeds; each says so in a line on standard error when it starts, and a step whose
 * standard error must not have that line unsets the variable. JDK_JAVA_OPTIONS is read by the launcher `java` alone, and
 * prints a line, too. Files of a JDK (net.properties, cacerts) would have to be known for each image.
 */
export function javaEnvironment(port: number, trustStore: string): Record<string, string> {
  const options = {
    'http.proxyHost': '127.0.0.1',
    'http.proxyPort': port,
    'https.proxyHost': '127.0.0.1',
    'https.proxyPort': port,
    'javax.net.ssl.trustStore': trustStore,
    // Maven 3.9 and 4 ask for the others only when they are told to.
    'aether.connector.http.useSystemProperties': true,
    'aether.transport.apache.useSystemProperties': true,
  }
  const text = Object.entries(options).map(([name, value]) => `-D${name}=${value}`)
  return { JAVA_TOOL_OPTIONS: text.join(' ') }
}

/** `certificatePem` is the run's CA. */
export function javaTrustFile(certificatePem: string, target: string): TrustFile {
  return { target, content: javaTrustStore(certificatePem, Date.now()) }
}
