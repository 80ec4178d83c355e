// Whoever can reach the port can open connections, token or not. Those on which no request is under way are bounded, and
// the oldest one goes when one more comes: a client asks at once, so it is never among the oldest for long, and a flood of
// silent connections takes the place of nothing but itself. Open files are shared with the socket of the data folder and
// with all runs, so that there is a bound on all connections, too.
import type { Server } from 'node:http'
import type { Socket } from 'node:net'

export interface ConnectionBounds {
  /** On which no request is under way. */
  waiting: number
  all: number
}

export const CONNECTION_BOUNDS: ConnectionBounds = { waiting: 128, all: 512 }

export function boundConnections(server: Server, bounds: ConnectionBounds = CONNECTION_BOUNDS): void {
  /** In order of the time since when they wait. */
  const waiting = new Set<Socket>()
  const underWay = new Map<Socket, number>()
  server.maxConnections = bounds.all
  server.on('connection', (socket) => {
    socket.once('close', () => waiting.delete(socket))
    wait(socket)
  })
  server.on('request', ({ socket }, response) => {
    waiting.delete(socket)
    underWay.set(socket, (underWay.get(socket) ?? 0) + 1)
    response.once('close', () => {
      const left = (underWay.get(socket) ?? 1) - 1
      if (left > 0) underWay.set(socket, left)
      else {
        underWay.delete(socket)
        if (!socket.destroyed) wait(socket)
      }
    })
  })

  function wait(socket: Socket): void {
    waiting.add(socket)
    if (waiting.size > bounds.waiting) oldestOfGreediest(waiting)?.destroy()
  }
}

/** Of the peer that has most of them: a flood from one address does not close the connections of others. */
function oldestOfGreediest(waiting: ReadonlySet<Socket>): Socket | undefined {
  const byPeer = Map.groupBy(waiting, ({ remoteAddress = '' }) => remoteAddress)
  const greediest = [...byPeer.values()].reduce((most, sockets) => (sockets.length > most.length ? sockets : most), [])
  return greediest[0]
}
