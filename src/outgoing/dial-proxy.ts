// Opens a raw connection through an HTTP proxy with CONNECT (RFC 9110, section 9.3.6).
import { request } from 'node:http'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type SecureContext } from 'node:tls'
import { proxyAuthorization } from './settings.ts'

export interface ProxyDial {
  proxy: URL
  /** The trusted certificates for a proxy that is reached over TLS. */
  trust: () => SecureContext
  timeoutMs: number
}

const MAX_ANSWER = 16 * 1024

/** Connects to the proxy itself. Rejects if it can't be reached or its certificate is not trusted. */
export function dialProxy({ proxy, trust, timeoutMs }: ProxyDial): Promise<Socket> {
  const host = proxy.hostname.replace(/^\[|\]$/g, '')
  if (proxy.protocol === 'http:') {
    const socket = connectTcp({ host, port: Number(proxy.port) || 80, noDelay: true })
    return opened(socket, 'connect', timeoutMs)
  }
  const tls = connectTls({
    host,
    port: Number(proxy.port) || 443,
    ...(/^[0-9.]+$|:/.test(host) ? {} : { servername: host }),
    secureContext: trust(),
    rejectUnauthorized: true,
    ALPNProtocols: ['http/1.1'],
  })
  return opened(tls, 'secureConnect', timeoutMs)
}

/** Connects to `authority` (`host:port`) through the proxy. Rejects with an error that names the proxy's answer. */
export async function dialThrough(dial: ProxyDial, authority: string): Promise<Socket> {
  const socket = await dialProxy(dial)
  const token = proxyAuthorization(dial.proxy)
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => {
      socket.destroy()
      reject(error)
    }
    const asked = request({
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...(token !== null && { 'proxy-authorization': token }) },
      setHost: false,
      maxHeaderSize: MAX_ANSWER,
      createConnection: () => socket,
    })
    asked.setTimeout(dial.timeoutMs, () => failed(new Error('the proxy did not answer in time')))
    asked.on('error', failed)
    asked.once('response', ({ statusCode }) => failed(new Error(`the proxy answered ${statusCode}`)))
    asked.once('connect', ({ statusCode }, connection: Socket, head: Buffer) => {
      if (statusCode !== 200) return failed(new Error(`the proxy answered ${statusCode}`))
      connection.setTimeout(0)
      if (head.length > 0) connection.unshift(head)
      resolve(connection)
    })
    asked.end()
  })
}

function opened<S extends Socket>(socket: S, event: 'connect' | 'secureConnect', timeoutMs: number): Promise<S> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => failed(new Error('the proxy did not answer in time')), timeoutMs)
    const failed = (error: Error): void => {
      clearTimeout(timer)
      socket.destroy()
      reject(error)
    }
    // This listener stays: later users of the socket see its errors by its 'close' event.
    socket.on('error', failed)
    socket.once(event, () => {
      clearTimeout(timer)
      resolve(socket)
    })
  })
}
