// OpenSSH host certificates (PROTOCOL.certkeys of OpenSSH): does an authority that we trust say that this key is that host's?
import { verify } from 'node:crypto'
import ssh2 from 'ssh2'
import { isPatternOf, type KnownKey } from './known-hosts.ts'
import { readWire, toWire } from './wire.ts'

/** Certificate type → type of the key in it, and how many words that key has. */
const TYPES: Readonly<Record<string, readonly [type: string, words: number]>> = {
  'ssh-ed25519-cert-v01@openssh.com': ['ssh-ed25519', 1],
  'ecdsa-sha2-nistp256-cert-v01@openssh.com': ['ecdsa-sha2-nistp256', 2],
  'ecdsa-sha2-nistp384-cert-v01@openssh.com': ['ecdsa-sha2-nistp384', 2],
  'ecdsa-sha2-nistp521-cert-v01@openssh.com': ['ecdsa-sha2-nistp521', 2],
  'ssh-rsa-cert-v01@openssh.com': ['ssh-rsa', 2],
}
const HOST = 2

/** Signature type → hash, and how node names the form of the signature. SHA-1 is not among them. */
const SIGNATURES: Readonly<Record<string, string | null>> = {
  'ssh-ed25519': null,
  'ecdsa-sha2-nistp256': 'sha256',
  'ecdsa-sha2-nistp384': 'sha384',
  'ecdsa-sha2-nistp521': 'sha512',
  'rsa-sha2-256': 'sha256',
  'rsa-sha2-512': 'sha512',
}

export interface Certificate {
  /** The host's key as it stands without a certificate. */
  readonly key: Buffer
  readonly kind: number
  readonly principals: readonly string[]
  /** Seconds since the epoch. */
  readonly validAfter: bigint
  readonly validBefore: bigint
  /** Conditions; OpenSSH knows none for hosts, so any of them is a reason to refuse. */
  readonly critical: readonly string[]
  readonly authority: Buffer
  /** What the authority signed, and its signature. */
  readonly signed: Buffer
  readonly signature: Buffer
}

/** Errors: a plain Error for bytes that are no certificate. */
export function parseCertificate(blob: Buffer): Certificate {
  const read = readWire(blob)
  const [type, words] = TYPES[read.string().toString()] ?? []
  if (!type || !words) throw new Error('this is no host certificate of a known type')
  read.string() // nonce
  const key = Buffer.concat([toWire(type), ...Array.from({ length: words }, () => toWire(read.string()))])
  read.uint64() // serial number
  const kind = read.uint32()
  read.string() // key id
  const principals = readList(read.string())
  const validAfter = read.uint64()
  const validBefore = read.uint64()
  const critical = readList(read.string()).filter((_, index) => index % 2 === 0)
  read.string() // extensions
  read.string() // reserved
  const authority = read.string()
  const signed = blob.subarray(0, read.at())
  const signature = read.string()
  if (!read.done()) throw new Error('there are bytes behind the certificate')
  return { key, kind, principals, validAfter, validBefore, critical, authority, signed, signature }
}

function readList(bytes: Buffer): string[] {
  const read = readWire(bytes)
  const list: string[] = []
  while (!read.done()) list.push(read.string().toString())
  return list
}

interface Claim {
  /** The key that the server has proved to hold. */
  readonly key: Buffer
  /** Name of the host, without a port. */
  readonly host: string
  readonly authorities: readonly KnownKey[]
  readonly revoked: readonly KnownKey[]
  /** Seconds since the epoch. */
  readonly now: number
}

/** Why the certificate proves nothing here; undefined where it is good. */
export function refuseCertificate(certificate: Certificate, claim: Claim): string | undefined {
  const { authority, principals, critical, validAfter, validBefore } = certificate
  const isAuthority = ({ key }: KnownKey) => Buffer.from(key, 'base64').equals(authority)
  if (!certificate.key.equals(claim.key)) return 'the certificate is of another key'
  if (certificate.kind !== HOST) return 'it is a certificate of a user, not of a host'
  if (!claim.authorities.some(isAuthority)) return 'its authority is not a trusted one'
  if (claim.revoked.some(isAuthority)) return 'its authority is revoked'
  if (BigInt(claim.now) < validAfter) return 'the certificate is not valid yet'
  if (BigInt(claim.now) >= validBefore) return 'the certificate has expired'
  if (critical.length > 0) return `the certificate has a condition that orion does not know: ${critical.join(', ')}`
  const host = claim.host.toLowerCase()
  // One without names would be good for every host; newer OpenSSH refuses it as well.
  if (!principals.some((pattern) => isPatternOf(pattern.toLowerCase(), host)))
    return `the certificate is for ${principals.join(', ') || 'no named host'}, not for ${claim.host}`
  return isSigned(certificate) ? undefined : 'the signature of the authority is wrong'
}

function isSigned({ authority, signed, signature }: Certificate): boolean {
  const read = readWire(signature)
  const type = read.string().toString()
  const bytes = read.string()
  const hash = SIGNATURES[type]
  if (hash === undefined) return false
  const key = ssh2.utils.parseKey(`${readWire(authority).string()} ${authority.toString('base64')}`)
  if (key instanceof Error || Array.isArray(key)) return false
  const isKeyType = type.startsWith('rsa-') ? key.type === 'ssh-rsa' : key.type === type
  const plain = type.startsWith('ecdsa-') ? toFixedSize(bytes, type) : bytes
  return isKeyType && verify(hash, signed, { key: key.getPublicPEM(), dsaEncoding: 'ieee-p1363' }, plain)
}

/** SSH has two numbers without a fixed size; node wants both in the curve's size, one behind the other. */
function toFixedSize(bytes: Buffer, type: string): Buffer {
  const size = Math.ceil(Number(type.slice(-3)) / 8)
  const read = readWire(bytes)
  const number = () => {
    const value = read.string()
    return Buffer.concat([Buffer.alloc(size), value]).subarray(-size)
  }
  return Buffer.concat([number(), number()])
}
