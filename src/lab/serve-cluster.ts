// One cluster of a serving lab: its world, its server on its own port, root@pam and the token that orion uses.
import { once } from 'node:events'
import type { Server } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { hashSecret, ticketHandler } from './auth.ts'
import type { Certificate } from './certificate.ts'
import { type Faults, makeFaults } from './faults.ts'
import type { AskApi } from './host/machine.ts'
import { type LabSecrets, labFiles } from './lab-files.ts'
import { certificateRoutes } from './routes/certificates.ts'
import { routes } from './routes/routes.ts'
import { schemaOf } from './schema.ts'
import { answerLab, type Control } from './serve-control.ts'
import { answerAs, makeServer, type RequestRecord, type ServerOptions } from './server.ts'
import type { Hardware, World } from './world.ts'
import { openWorld } from './world-file.ts'

export interface ServedCluster {
  readonly name: string
  readonly world: World & { close(): Promise<void> }
  readonly server: Server
  readonly sockets: ReadonlySet<Socket>
  readonly faults: Faults
  /** The API as root@pam on a node has it. */
  readonly api: AskApi
  port: number
  /** When somebody asked for the last time, milliseconds since the epoch. */
  lastMs: number
}

interface Options {
  readonly dir: string
  readonly pace?: number
  readonly record?: (entry: RequestRecord) => void
}

/** Opens the world of a cluster and serves it; `control.secrets` learns the port. */
export async function openCluster(
  hardware: Hardware,
  { dir, pace = 1, record }: Options,
  certificate: Certificate,
  control: Control,
): Promise<ServedCluster> {
  const name = hardware.cluster
  const world = await openWorld(labFiles(dir).world(name), hardware, { pace })
  const own = control.secrets.clusters[name] ?? { tokenSecret: '', rootPassword: '', port: 0 }
  grantRoot(world, own)
  const faults = makeFaults()
  world.taskFault = faults.taskFault
  const { ticketKey } = control.secrets
  const options = {
    world,
    schema: schemaOf(hardware.version),
    routes: { ...routes, ...certificateRoutes(certificate.cert), 'POST /access/ticket': ticketHandler(ticketKey) },
    certificate,
    ticketKey,
    faults,
    lab: (request, response, url) => answerLab(control, faults, request, response, url),
    ...(record ? { record } : {}),
  } satisfies ServerOptions
  const server = makeServer(options)
  const api: AskApi = (method, path, params) => answerAs(options, { user: 'root@pam' }, method, path, params)
  const sockets = socketsOf(server)
  own.port = await listen(server, own.port)
  const cluster: ServedCluster = { name, world, server, sockets, faults, api, port: own.port, lastMs: Date.now() }
  server.on('request', () => {
    cluster.lastMs = Date.now()
  })
  return cluster
}

/** Ends its server at once, and saves its world. */
export async function closeCluster({ server, world, sockets }: ServedCluster): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  for (const socket of sockets) socket.destroy()
  await closed
  await world.close()
}

/** Every connection, also one that has not got as far as TLS: closeAllConnections would wait for that one, for minutes. */
function socketsOf(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  return sockets
}

function grantRoot(world: World, own: LabSecrets['clusters'][string]): void {
  const { users, tokens } = world.state.access
  users['root@pam'] = { ...users['root@pam'], enable: true, passwordHash: hashSecret(own.rootPassword) }
  tokens['root@pam!lab'] = {
    secretHash: hashSecret(own.tokenSecret),
    privsep: false,
    expire: 0,
    comment: 'orion lab',
  }
  world.changed()
}

/** The port it had before where that is free, else any. */
async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    if (port === 0) throw error
    return listen(server, 0)
  }
  return (server.address() as AddressInfo).port
}
