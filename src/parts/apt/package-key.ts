// The key that signs packages of others than Debian: taken only where it is the one that we know, and nothing else with it.
import { createHash } from 'node:crypto'

const TAGS = { publicKey: 6, secretKey: 5 } as const

interface Packet {
  readonly tag: number
  readonly body: Buffer
}

/**
 * The key as armoured text (RFC 9580, 6.2), whatever it came as; undefined where it is another one, or one among others: apt would
 * trust each of them. `fingerprint`: of the primary key, in small letters. Pure.
 */
export function trustedKey(bytes: Buffer, fingerprint: string): string | undefined {
  const binary = dearmoured(bytes)
  const packets = binary && packetsOf(binary)
  if (binary === undefined || packets === undefined) return undefined
  const [first, ...rest] = packets
  const isOther = ({ tag }: Packet) => tag === TAGS.publicKey || tag === TAGS.secretKey
  if (first?.tag !== TAGS.publicKey || rest.some(isOther)) return undefined
  return fingerprintOf(first.body) === fingerprint ? armoured(binary) : undefined
}

/** OpenPGP version 4: SHA-1 over 0x99, two bytes of length, and the packet's body (RFC 9580, 5.5.4.1). */
function fingerprintOf(body: Buffer): string {
  const head = Buffer.from([0x99, body.length >> 8, body.length & 0xff])
  return createHash('sha1').update(head).update(body).digest('hex')
}

/** undefined where it does not end with the end of a packet. Partial lengths are for data, and no key has them. */
function packetsOf(bytes: Buffer): readonly Packet[] | undefined {
  const packets: Packet[] = []
  for (let at = 0; at < bytes.length; ) {
    const head = headAt(bytes, at)
    if (head === undefined || head.start + head.length > bytes.length) return undefined
    packets.push({ tag: head.tag, body: bytes.subarray(head.start, head.start + head.length) })
    at = head.start + head.length
  }
  return packets
}

interface Head {
  readonly tag: number
  readonly start: number
  readonly length: number
}

function headAt(bytes: Buffer, at: number): Head | undefined {
  const first = bytes[at] ?? 0
  if ((first & 0x80) === 0) return undefined
  return (first & 0x40) === 0 ? oldHead(bytes, at, first) : newHead(bytes, at, first)
}

/** RFC 9580, 4.2.2: as GnuPG writes keys. */
function oldHead(bytes: Buffer, at: number, first: number): Head | undefined {
  const width = [1, 2, 4][first & 3]
  if (width === undefined || at + 1 + width > bytes.length) return undefined
  return { tag: (first >> 2) & 15, start: at + 1 + width, length: bytes.readUIntBE(at + 1, width) }
}

/** RFC 9580, 4.2.1. */
function newHead(bytes: Buffer, at: number, first: number): Head | undefined {
  const [tag, one, two] = [first & 63, bytes[at + 1], bytes[at + 2] ?? 0]
  if (one === undefined) return undefined
  if (one < 192) return { tag, start: at + 2, length: one }
  if (one < 224) return { tag, start: at + 3, length: ((one - 192) << 8) + two + 192 }
  return one === 255 && at + 6 <= bytes.length ? { tag, start: at + 6, length: bytes.readUInt32BE(at + 2) } : undefined
}

const [BEGIN, END] = ['-----BEGIN PGP PUBLIC KEY BLOCK-----', '-----END PGP PUBLIC KEY BLOCK-----']

function dearmoured(bytes: Buffer): Buffer | undefined {
  if (((bytes[0] ?? 0) & 0x80) !== 0) return bytes
  const text = bytes.toString('latin1').replaceAll('\r', '')
  const [, block] =
    /^-----BEGIN PGP PUBLIC KEY BLOCK-----\n([\s\S]*?)\n-----END PGP PUBLIC KEY BLOCK-----\s*$/.exec(text.trim()) ?? []
  // Headers such as `Comment:` end with an empty line; the last line may be a checksum.
  const lines = block?.replace(/^(?:[A-Za-z]+: .*\n)*\n/, '').split('\n')
  const data = lines?.filter((line) => !line.startsWith('=')).join('')
  return data !== undefined && /^[A-Za-z0-9+/]+=*$/.test(data) ? Buffer.from(data, 'base64') : undefined
}

function armoured(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return [BEGIN, '', ...lines, `=${crc24(bytes).toString('base64')}`, END].join('\n')
}

/** RFC 9580, 6.1.1: old readers insist on it. */
function crc24(bytes: Buffer): Buffer {
  let crc = 0xb704ce
  for (const byte of bytes) {
    crc ^= byte << 16
    for (let bit = 0; bit < 8; bit += 1) crc = (crc << 1) ^ ((crc & 0x800000) === 0 ? 0 : 0x1864cfb)
  }
  return Buffer.from([(crc >> 16) & 0xff, (crc >> 8) & 0xff, crc & 0xff])
}
