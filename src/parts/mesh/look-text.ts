// What orion-mesh-look says (templates/mesh/look.eta), read: one fact per line; a line that is cut or garbled is left out.
import { CLIENTS_INTERFACE } from '../../site/mesh-plan.ts'
import { parseBfd } from '../bgp/birdc.ts'
import { parseProtocols } from '../bgp/birdc-protocols.ts'

/** A link as one of its gateways sees it. */
export interface LinkLook {
  readonly state: 'up' | 'down' | 'absent'
  /** Set on the interface, in bytes. */
  readonly mtu?: number
  /** Its own public key, as it is in force. */
  readonly publicKey?: string
  readonly peer?: PeerLook
  /** Of the preshared key in place; absent = none was ever agreed on. */
  readonly psk?: { readonly kind: string; readonly at: number; readonly id: string }
  /** A rotation of its preshared key or its pair of keys is under way. */
  readonly isRotating: boolean
  /** Traffic is asked away from it. */
  readonly isDrained?: true
  /** Milliseconds on average; absent = nothing came back. */
  readonly ping?: { readonly sent: number; readonly received: number; readonly rttMs?: number }
  /** The largest packet that passes inside of the tunnel; 0 = not even the least. */
  readonly inner?: number
  /** The largest packet inside for which no packet outside must be cut; absent = the endpoint answers no ping. */
  readonly outer?: number
  readonly bgp?: { readonly state: string; readonly error?: string }
  /** `Up`, `Down`, `Init`, `AdminDown`. */
  readonly bfd?: string
}

interface PeerLook {
  readonly publicKey: string
  readonly hasPsk: boolean
  readonly endpoint?: string
  /** Epoch seconds by the gateway's clock; 0 = never. */
  readonly handshake: number
  /** Bytes. */
  readonly received: number
  readonly sent: number
}

export interface GatewayLook {
  /** Its clock, epoch seconds. */
  readonly now: number
  /** By interface. */
  readonly links: ReadonlyMap<string, LinkLook>
  /** The interface by which an address is reached, mesh or not; an address that is not here cannot be reached. */
  readonly ways: ReadonlyMap<string, string>
  /** Those that were added to it, by their names; undefined = not in force. */
  readonly clients: ReadonlyMap<string, PeerLook | undefined>
  /** Of Proxmox VE: `enabled/running`, …; absent = it is not installed. */
  readonly firewall?: string
}

type Draft = { -readonly [Key in keyof LinkLook]: LinkLook[Key] }

/** Pure. undefined where the program did not come to its end. */
export function parseLook(text: string): GatewayLook | undefined {
  // A host may say what it likes; a terminal shall not obey it.
  const lines = text.split('\n').flatMap((line) => (line === '' ? [] : line.replace(/\p{Cc}/gu, ' ')))
  const now = Number(lines.find((line) => line.startsWith('now '))?.slice(4))
  if (lines.at(-1) !== 'end' || !Number.isInteger(now)) return undefined
  const links = new Map<string, Draft>()
  const words = lines.map((line) => line.split(' '))
  for (const line of words) if (line[1] !== CLIENTS_INTERFACE) readLink(links, line)
  addSessions(links, lines)
  const clients = readClients(words)
  const firewall = textOf(lines, 'pve-firewall').trim()
  return { now, links, ways: new Map(lines.flatMap(parseWay)), clients, ...(firewall === '' ? {} : { firewall }) }
}

/** The lines of one kind, without it. */
function textOf(lines: readonly string[], kind: string): string {
  const own = lines.filter((line) => line.startsWith(`${kind} `))
  return own.map((line) => line.slice(kind.length + 1)).join('\n')
}

/** What each kind of line says of the link that its second word names. */
const READERS: Readonly<Record<string, (words: readonly string[]) => Partial<Draft>>> = {
  link: ([state, mtu]) => (state === 'up' || state === 'down' ? { state, ...numbered('mtu', mtu) } : {}),
  state: (words) => readState(words),
  rotating: () => ({ isRotating: true }),
  drained: () => ({ isDrained: true }),
  wg: ([publicKey = '']) => ({ publicKey }),
  peer: (words) => readPeer(words),
  ping: ([sent, received, rtt]) => readPing(Number(sent), Number(received), Number(rtt)),
  inner: ([bytes]) => ({ inner: bytes === '-' ? 0 : Number(bytes) }),
  outer: ([bytes]) => (bytes === '-' ? {} : numbered('outer', bytes)),
}

function readLink(links: Map<string, Draft>, [kind = '', name = '', ...words]: readonly string[]): void {
  const reader = Object.hasOwn(READERS, kind) ? READERS[kind] : undefined
  if (reader === undefined || name === '') return
  links.set(name, { ...(links.get(name) ?? { state: 'absent', isRotating: false }), ...reader(words) })
}

function numbered(key: 'mtu' | 'outer', text: string | undefined): Partial<Draft> {
  const number = Number(text)
  return Number.isInteger(number) && number > 0 ? { [key]: number } : {}
}

function readPing(sent: number, received: number, rttMs: number): Partial<Draft> {
  if (!Number.isInteger(sent) || !Number.isInteger(received)) return {}
  return { ping: { sent, received, ...(Number.isFinite(rttMs) ? { rttMs } : {}) } }
}

function readPeer(words: readonly string[]): Partial<Draft> {
  const [publicKey = '', psk, endpoint = '', handshake, received, sent] = words
  if (words.length !== 7) return {}
  const numbers = { handshake: Number(handshake), received: Number(received), sent: Number(sent) }
  if (!Object.values(numbers).every(Number.isFinite)) return {}
  const where = endpoint === '(none)' ? {} : { endpoint }
  return { peer: { publicKey, hasPsk: psk === 'set', ...where, ...numbers } }
}

/** By the public key of each: a line `client NAME KEY` for its file, and one of the peers of their interface. */
function readClients(lines: readonly (readonly string[])[]): ReadonlyMap<string, PeerLook | undefined> {
  const peers = lines.flatMap(([kind, name, ...words]) =>
    kind === 'peer' && name === CLIENTS_INTERFACE ? (readPeer(words).peer ?? []) : [],
  )
  const byKey = new Map(peers.map((peer) => [peer.publicKey, peer]))
  const files = lines.filter(([kind, name = '']) => kind === 'client' && name !== '')
  return new Map(files.map(([, name = '', key = '']) => [name, byKey.get(key)]))
}

/** `kind=ml-kem-768 at=EPOCH id=HEX16`, in any order. */
function readState(words: readonly string[]): Partial<Draft> {
  const { kind, at, id } = Object.fromEntries(words.map((word) => word.split('='))) as Partial<Record<string, string>>
  return kind && id && Number.isInteger(Number(at)) ? { psk: { kind, at: Number(at), id } } : {}
}

/** A line of `ip -j route get`. */
function parseWay(line: string): readonly (readonly [string, string])[] {
  if (!line.startsWith('way ')) return []
  try {
    const [found] = JSON.parse(line.slice(4)) as readonly { readonly dst?: unknown; readonly dev?: unknown }[]
    return typeof found?.dst === 'string' && typeof found.dev === 'string' ? [[found.dst, found.dev]] : []
  } catch {
    return []
  }
}

/** A session belongs to the interface of its neighbour's address: `fe80::2%wg-kel-1`. */
function addSessions(links: Map<string, Draft>, lines: readonly string[]): void {
  for (const { fields, state } of parseProtocols(textOf(lines, 'bgp'))) {
    const link = links.get(fields.get('Neighbor address')?.split('%')[1] ?? '')
    const error = fields.get('Last error')
    if (link) link.bgp = { state: fields.get('BGP state') ?? state, ...(error === undefined ? {} : { error }) }
  }
  for (const { interface: name, state } of parseBfd(textOf(lines, 'bfd'))) {
    const link = links.get(name)
    if (link) link.bfd = state
  }
}
