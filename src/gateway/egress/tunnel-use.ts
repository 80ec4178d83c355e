// Record of tunnels that carried no request. Such a tunnel is an event of its own, because its host, its SNI and the
// size of its handshake may carry data from the sandbox.
import type { Socket } from 'node:net'
import type { GatewayContext } from '../types.ts'
import { authorityText, type Authority } from './authority.ts'

export interface TunnelUse {
  /** Notes that a request in this tunnel is, or will be, on the record. */
  requested(): void
  /** Resolves when the tunnel is closed and recorded, through its requests or as an event. Never rejects. */
  readonly recorded: Promise<void>
}

/** Call it when CONNECT is answered; call the returned function when TLS is accepted. */
export function watchTunnel(
  raw: Socket,
  authority: Authority,
  { run, recorder }: Pick<GatewayContext, 'run' | 'recorder'>,
): (tls: Socket, servername: string | null) => TunnelUse {
  const start = { received: raw.bytesRead, sent: raw.bytesWritten, at: performance.now() }
  return (tls, servername) => {
    let used = false
    // Byte counts are read at the end: a closed socket still has them.
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
      // A closed tunnel gets no answer that could be refused when recording fails. A failing recorder ends the run by
      // itself.
      recorded: record().catch(() => {}),
    }
  }
}
