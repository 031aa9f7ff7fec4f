// Asks a server for the certificate of its host key. ssh2 cannot negotiate one, but a server shows it, unencrypted, to anybody
// who begins a key exchange: this does the first four messages of one (RFC 4253, RFC 8731) and hangs up.
// Nothing is trusted here: that the server holds the certified key is proved by ssh2's own key exchange.
import { createECDH, generateKeyPairSync, randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { readWire, toWire } from './wire.ts'

const KEXINIT = 20
const KEX_INIT = 30
const KEX_REPLY = 31
const LONGEST = 256 * 1024
const CURVES = ['curve25519-sha256', 'curve25519-sha256@libssh.org']
const KEX = [...CURVES, 'ecdh-sha2-nistp256']
const CIPHERS = 'aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes128-ctr,aes256-ctr'
const MACS = 'hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,hmac-sha2-512'

/** Which certificates to ask for, given the type of the key. */
function getAlgorithms(type: string): readonly string[] {
  const suffix = '-cert-v01@openssh.com'
  return type === 'ssh-rsa' ? [`rsa-sha2-512${suffix}`, `rsa-sha2-256${suffix}`] : [`${type}${suffix}`]
}

/**
 * The certificate of the server's key of this type, or undefined where it has none. Ends the socket.
 * Errors: whatever the socket says; a plain Error where the server does not speak as we do.
 */
export async function fetchCertificate(socket: Duplex, type: string, limitMs: number): Promise<Buffer | undefined> {
  const timer = setTimeout(() => socket.destroy(new Error('no answer')), limitMs)
  try {
    return await converse(socket, type)
  } finally {
    clearTimeout(timer)
    socket.destroy()
  }
}

async function converse(socket: Duplex, type: string): Promise<Buffer | undefined> {
  const algorithms = getAlgorithms(type)
  socket.write('SSH-2.0-orion\r\n')
  socket.write(toPacket(getInit(algorithms)))
  let rest: Buffer = Buffer.alloc(0)
  let greeted = false
  for await (const chunk of socket) {
    rest = Buffer.concat([rest, chunk])
    if (rest.length > LONGEST) throw new Error('too long an answer')
    if (!greeted) {
      const line = /(?:^|\n)SSH-[^\n]*\n/.exec(rest.toString('latin1'))
      if (!line) continue
      rest = rest.subarray(line.index + line[0].length)
      greeted = true
    }
    for (let packet = takePacket(rest); packet; packet = takePacket(rest)) {
      rest = packet.rest
      const [message] = packet.payload
      if (message === KEXINIT) {
        const server = parseInit(packet.payload)
        if (!algorithms.some((name) => server.hostKeys.includes(name))) return undefined
        socket.write(toPacket(getExchange(server.kex)))
      } else if (message === KEX_REPLY) return readWire(packet.payload.subarray(1)).string()
    }
  }
  throw new Error('the server hung up')
}

function getInit(hostKeys: readonly string[]): Buffer {
  const lists = [KEX.join(','), hostKeys.join(','), CIPHERS, CIPHERS, MACS, MACS, 'none', 'none', '', '']
  return Buffer.concat([Buffer.of(KEXINIT), randomBytes(16), ...lists.map(toWire), Buffer.alloc(5)])
}

function parseInit(payload: Buffer): { kex: readonly string[]; hostKeys: readonly string[] } {
  const read = readWire(payload.subarray(17))
  const list = () => read.string().toString().split(',')
  return { kex: list(), hostKeys: list() }
}

/** Our half of the exchange, for the first method of ours that the server knows. Its secret is never used. */
function getExchange(server: readonly string[]): Buffer {
  const method = KEX.find((name) => server.includes(name))
  if (!method) throw new Error(`no common key exchange: it offers ${server.join(', ')}`)
  const half = CURVES.includes(method)
    ? generateKeyPairSync('x25519').publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)
    : createECDH('prime256v1').generateKeys()
  return Buffer.concat([Buffer.of(KEX_INIT), toWire(half)])
}

/** RFC 4253, section 6: length, padding length, payload, padding to a multiple of 8. */
function toPacket(payload: Buffer): Buffer {
  const short = 8 - ((payload.length + 5) % 8)
  const fill = short < 4 ? short + 8 : short
  const head = Buffer.alloc(5)
  head.writeUInt32BE(payload.length + fill + 1)
  head.writeUInt8(fill, 4)
  return Buffer.concat([head, payload, randomBytes(fill)])
}

function takePacket(bytes: Buffer): { payload: Buffer; rest: Buffer } | undefined {
  if (bytes.length < 5) return undefined
  const length = bytes.readUInt32BE()
  if (length > LONGEST) throw new Error('too long a message')
  if (bytes.length < 4 + length) return undefined
  return { payload: bytes.subarray(5, 4 + length - bytes.readUInt8(4)), rest: bytes.subarray(4 + length) }
}
