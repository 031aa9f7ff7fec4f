// Keys of a simulated gateway: files of random bytes, and what WireGuard and OpenSSL would make public of them.
import { createHash, randomBytes } from 'node:crypto'
import { failed, type Machine, ok, type Program } from '../host/machine.ts'
import { type HostState, putText, textAt } from '../host/state.ts'
import { MESH } from './mesh-state.ts'

const KEYS = `${MESH}/keys`
const IDENTITY = `${MESH}/identity.pem`
/** SubjectPublicKeyInfo of ML-DSA-65 (RFC 9881), before its 1952 bytes. */
const ML_DSA_65 = Buffer.from('308207b2300b0609608648016503040312038207a100', 'hex')
const ML_DSA_BYTES = 1952

/** Path of a file of keys, such as `wg-fra-1.psk.new`. */
export const keyPath = (name: string): string => `${KEYS}/${name}`

/** 32 bytes, as WireGuard writes them. */
export const newKey = (): string => randomBytes(32).toString('base64')

export function publicOf(privateKey: string): string {
  return createHash('sha256').update(`public ${privateKey}`).digest('base64')
}

/** What tells two keys apart, and nothing of them. */
export function idOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 16)
}

export function keyAt(host: HostState, name: string): string | undefined {
  return textAt(host, keyPath(name))?.trim()
}

export function putKey(host: HostState, name: string, text: string, mode = 0o600): void {
  putText(host, keyPath(name), `${text}\n`, mode)
}

/** Base64 of its DER, as long as a real one; undefined = the host has none. */
export function identityOf(host: HostState, path = IDENTITY): string | undefined {
  const text = textAt(host, path)
  if (text === undefined) return undefined
  const bytes = createHash('shake256', { outputLength: ML_DSA_BYTES }).update(text).digest()
  return Buffer.concat([ML_DSA_65, bytes]).toString('base64')
}

export function makeIdentity(host: HostState, path = IDENTITY): void {
  putText(host, path, `-----BEGIN PRIVATE KEY-----\n${newKey()}\n-----END PRIVATE KEY-----\n`, 0o600)
}

/** The version's number; undefined = not installed. ML-KEM and ML-DSA came with 3.5. */
export function opensslOf({ packages }: HostState): string | undefined {
  return /^\d+\.\d+\.\d+/.exec(packages.openssl ?? '')?.[0]
}

export function isPostQuantum(host: HostState): boolean {
  const [major = 0, minor = 0] = (opensslOf(host) ?? '').split('.').map(Number)
  return major > 3 || (major === 3 && minor >= 5)
}

const hasWireGuard = ({ packages }: HostState): boolean => packages['wireguard-tools'] !== undefined

/** `orion-mesh-keys IF… [identity]`: what is there stays; keys of other interfaces go. */
const makeKeys: Program = ({ host, world }, words) => {
  if (!hasWireGuard(host)) return failed(127, 'sh: 1: wg: not found')
  const names = words.filter((word) => word !== 'identity')
  for (const name of names) if (keyAt(host, `${name}.key`) === undefined) putKey(host, `${name}.key`, newKey())
  // An OpenSSL that knows no ML-DSA-65 is not asked for one.
  if (words.includes('identity') && isPostQuantum(host) && textAt(host, IDENTITY) === undefined) makeIdentity(host)
  const isOf = (path: string) => names.some((name) => path.startsWith(`${KEYS}/${name}.`))
  for (const path of Object.keys(host.files)) if (path.startsWith(`${KEYS}/wg-`) && !isOf(path)) delete host.files[path]
  world.changed()
  return ok()
}

/** `orion-mesh-public IF…`: only of those that are there. */
const publicKeys: Program = ({ host }, names) => {
  if (!hasWireGuard(host)) return ok()
  const keys = names.flatMap((name) => {
    const key = keyAt(host, `${name}.key`)
    return key === undefined ? [] : [`${name} ${publicOf(key)}\n`]
  })
  const identity = identityOf(host) ?? (isPostQuantum(host) || opensslOf(host) === undefined ? undefined : 'none')
  return ok([...keys, ...(identity === undefined ? [] : [`identity ${identity}\n`])].join(''))
}

/** `orion-mesh-client-tidy`: preshared keys of devices that are not there (any more). */
const tidyClients: Program = ({ host, world }: Machine) => {
  for (const path of Object.keys(host.files)) {
    const name = /\/keys\/client-(.+)\.psk$/.exec(path)?.[1]
    if (name !== undefined && host.files[`${MESH}/clients/${name}`] === undefined) delete host.files[path]
  }
  world.changed()
  return ok()
}

export const keyScripts: Readonly<Record<string, Program>> = {
  'orion-mesh-keys': makeKeys,
  'orion-mesh-public': publicKeys,
  'orion-mesh-client-tidy': tidyClients,
}
