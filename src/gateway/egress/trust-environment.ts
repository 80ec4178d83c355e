// Environment variables and files that make programs in a sandbox use the proxy and trust the run's CA. No program
// needs further configuration, and a program that ignores them has no way out.
import { javaTrustStore } from './java-trust-store.ts'
import type { TrustFile } from '../types.ts'

/**
 * `caPath`: file with the run's CA alone, for programs that add it to their own roots. `bundlePath`: file that replaces
 * a program's roots. The bundle needs no public root, because the gateway answers every request from inside.
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

/** `port`: the gateway's port on 127.0.0.1 inside the sandbox. */
export function proxyEnvironment(port: number): Record<string, string> {
  const proxy = `http://127.0.0.1:${port}`
  // The sandbox's own loopback: tests talk to servers that they start, which the gateway could not reach.
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
 * JVMs read neither the proxy variables nor PEM files. Every JVM reads JAVA_TOOL_OPTIONS, in every image, also a JVM
 * that a build downloads or embeds. It then prints a line on standard error at its start; a step that must not have
 * this line unsets the variable. The alternatives are worse: only the launcher `java` reads JDK_JAVA_OPTIONS, which
 * prints a line, too, and the files of a JDK (net.properties, cacerts) lie elsewhere in each image.
 */
export function javaEnvironment(port: number, trustStore: string): Record<string, string> {
  const options = {
    'http.proxyHost': '127.0.0.1',
    'http.proxyPort': port,
    'https.proxyHost': '127.0.0.1',
    'https.proxyPort': port,
    'javax.net.ssl.trustStore': trustStore,
    // Maven 3.9 and 4 read the other properties only with this one.
    'aether.connector.http.useSystemProperties': true,
    'aether.transport.apache.useSystemProperties': true,
  }
  const text = Object.entries(options).map(([name, value]) => `-D${name}=${value}`)
  return { JAVA_TOOL_OPTIONS: text.join(' ') }
}

/** `certificatePem`: certificate of the run's CA. */
export function javaTrustFile(certificatePem: string, target: string): TrustFile {
  return { target, content: javaTrustStore(certificatePem, Date.now()) }
}
