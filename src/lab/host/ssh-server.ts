// The SSH server of one simulated host: one key, one user, commands and nothing else, as sshd answers them.
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import ssh2, { type AuthContext, type Connection, type ServerChannel } from 'ssh2'
import type { Io, Output } from './machine.ts'
import type { KeyPair } from './ssh-keys.ts'

/** MaxSessions of sshd. */
const MAX_SESSIONS = 10
/** How long a closing server waits for its clients to go, milliseconds. */
const GRACE_MS = 200

export interface SshOptions {
  readonly hostKey: KeyPair
  /** The only key that is let in. */
  readonly operator: KeyPair
  /** The port of before; 0 = any. */
  readonly port: number
  isReachable(): boolean
  /** Somebody did something. */
  active(): void
  /** A client connected. */
  connected(): void
  /** Runs one command line. `drop()` breaks the connection. */
  exec(line: string, io: Io, drop: () => void): Promise<Output>
  /** SSH_CONNECTION of a client's socket. */
  connectionOf(clientPort: number): string
}

export interface SshServer {
  readonly port: number
  /** Breaks every connection. */
  cut(): void
  close(): Promise<void>
}

/** Listens on loopback. */
export async function serveSsh(options: SshOptions): Promise<SshServer> {
  const clients = new Set<{ connection: Connection; socket: Socket }>()
  const server = new ssh2.Server(
    { hostKeys: [options.hostKey.private], ident: 'OpenSSH_10.0p2 orion-lab' },
    (connection, info) => {
      const socket = socketOf(connection)
      const client = { connection, socket }
      // Small answers at once: they would wait for the acknowledgement of the ones before, 40 ms each.
      socket.setNoDelay(true)
      connection.on('error', () => undefined)
      connection.on('close', () => clients.delete(client))
      if (!options.isReachable()) {
        socket.destroy()
        return
      }
      clients.add(client)
      options.active()
      options.connected()
      connection.on('authentication', (context) => authenticate(options, context))
      connection.on('ready', () => serveSessions(options, connection, socket, info.port))
    },
  )
  const port = await listen(server, options.port)
  const cut = () => {
    for (const { socket } of clients) socket.destroy()
  }
  const close = async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    for (const { connection } of clients) connection.end()
    await Promise.race([closed, sleep(GRACE_MS, undefined, { ref: false })])
    cut()
    await closed
  }
  return { port, cut, close }
}

/** ssh2 keeps its socket to itself; what breaks a connection as a pulled cable does is the socket alone. */
function socketOf(connection: Connection): Socket {
  return Reflect.get(connection, '_sock') as Socket
}

async function listen(server: ssh2.Server, port: number): Promise<number> {
  const net = server as unknown as NodeJS.EventEmitter
  server.listen(port, '127.0.0.1')
  try {
    await once(net, 'listening')
  } catch (error) {
    if (port === 0) throw error
    return listen(server, 0)
  }
  return (server.address() as AddressInfo).port
}

function authenticate({ operator }: SshOptions, context: AuthContext): void {
  const key = ssh2.utils.parseKey(operator.public)
  if (context.method !== 'publickey' || context.username !== 'root' || key instanceof Error) {
    context.reject(['publickey'])
    return
  }
  const same = context.key.algo === key.type && context.key.data.equals(key.getPublicSSH())
  const signed =
    !context.signature || key.verify(context.blob ?? Buffer.alloc(0), context.signature, context.hashAlgo) === true
  if (same && signed) context.accept()
  else context.reject(['publickey'])
}

function serveSessions(options: SshOptions, connection: Connection, socket: Socket, clientPort: number): void {
  let open = 0
  connection.on('session', (accept, reject) => {
    options.active()
    if (open >= MAX_SESSIONS) {
      reject()
      return
    }
    open += 1
    const session = accept()
    session.on('close', () => {
      open -= 1
    })
    session.on('env', (agree) => agree?.())
    session.on('pty', (agree) => agree?.())
    session.on('exec', (agree, _, { command }) => void execute(options, agree(), socket, command, clientPort))
    session.on('shell', (agree) => {
      const channel = agree()
      channel.write(
        'This host is simulated by orion lab and has no shell. Append one command: cat /etc/network/interfaces\r\n',
      )
      channel.exit(1)
      channel.end()
    })
    session.on('sftp', (_, refuse) => refuse())
  })
  connection.on('tcpip', (_, refuse) => refuse())
}

async function execute(
  options: SshOptions,
  channel: ServerChannel,
  socket: Socket,
  line: string,
  clientPort: number,
): Promise<void> {
  channel.on('error', () => undefined)
  const io: Io = {
    input: makeInput(channel),
    print: (text) => void channel.write(text),
    connection: options.connectionOf(clientPort),
  }
  const drop = () => socket.destroy()
  const { code, stdout = '', stderr = '' } = await options.exec(line, io, drop)
  options.active()
  if (socket.destroyed) return
  if (stderr !== '') channel.stderr.write(stderr)
  if (stdout.length > 0) channel.write(stdout)
  channel.exit(code)
  channel.end()
}

/** Reads from the beginning, so that nothing is lost before a program asks; what nobody asks for is passed over. */
function makeInput(channel: ServerChannel): () => Promise<Buffer> {
  const chunks: Buffer[] = []
  channel.on('data', (chunk: Buffer) => chunks.push(chunk))
  const end = new Promise<void>((resolve) => {
    channel.once('end', resolve)
    channel.once('close', resolve)
  })
  return async () => {
    await end
    return Buffer.concat(chunks)
  }
}
