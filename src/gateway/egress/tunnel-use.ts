// Whether a tunnel carried a request. One that did not is an event of its own: its host, its SNI and the size of its
// handshake are words that the sandbox said to the gateway.
import type { Socket } from 'node:net'
import type { GatewayContext } from '../types.ts'
import { authorityText, type Authority } from './authority.ts'

export interface TunnelUse {
  /** A request in it is, or will be, on the record. */
  requested(): void
  /** Resolves when the tunnel is closed and on the record, by its requests or by itself; never rejects. */
  readonly recorded: Promise<void>
}

/** To be called when CONNECT is answered, and the result when TLS is accepted. */
export function watchTunnel(
  raw: Socket,
  authority: Authority,
  { run, recorder }: Pick<GatewayContext, 'run' | 'recorder'>,
): (tls: Socket, servername: string | null) => TunnelUse {
  const start = { received: raw.bytesRead, sent: raw.bytesWritten, at: performance.now() }
  return (tls, servername) => {
    let used = false
    // Read at the end: a socket that is gone still knows what went through it.
    const closed = new Promise<void>((resolve) => {
      if (tls.destroyed) resolve()
      else tls.once('close', () => resolve())
    })

    async function record(): Promise<void> {
      await closed
      if (used) return
      const body = {
        authority: authorityText(authority),
        servername: servername === null ? null : servername.slice(0, 255),
        receivedBytes: Math.max(0, raw.bytesRead - start.received),
        sentBytes: Math.max(0, raw.bytesWritten - start.sent),
        wallMs: Math.round(performance.now() - start.at),
      }
      await recorder.record([{ run: run.id, source: 'gateway', actor: run.actor, kind: 'net.tunnelled', body }])
    }

    return {
      requested: () => void (used = true),
      // Nothing is given for a tunnel that is closed, so nothing is refused when it can't be recorded; a recorder that
      // fails ends the run by itself.
      recorded: record().catch(() => {}),
    }
  }
}
