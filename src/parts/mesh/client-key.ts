// Keys of people's devices: what a public key is, and pairs made here because somebody asked. Nothing of it is kept.
import { generateKeyPairSync, randomBytes } from 'node:crypto'

export interface ClientKeys {
  readonly publicKey: string
  /** Absent where the device made its own. */
  readonly privateKey?: string
  readonly presharedKey?: string
}

/** What WireGuard takes as a key: 32 bytes, of which the last sign carries four bits. */
const KEY = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/
/** Its peer would answer to anybody. */
const ZERO = Buffer.alloc(32).toString('base64')

/** As `wg pubkey` prints it. Pure. */
export function isPublicKey(text: string): boolean {
  return KEY.test(text) && text !== ZERO
}

/** An X25519 pair as `wg genkey` makes one, and a preshared key. */
export function makeClientKeys(): Required<ClientKeys> {
  const { d = '', x = '' } = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' })
  return { publicKey: base64(x), privateKey: base64(d), presharedKey: makePresharedKey() }
}

export function makePresharedKey(): string {
  return randomBytes(32).toString('base64')
}

function base64(url: string): string {
  return Buffer.from(url, 'base64url').toString('base64')
}
