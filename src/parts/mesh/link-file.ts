// /etc/orion/mesh/links/IF.conf: one end of a link, in wg-quick's words. No key but the public one of the other end stands in it.
import { template } from '../../render.ts'
import { formatIp, parseIp } from '../../site/ip.ts'
import type { Mesh } from '../../site/services.ts'
import type { LinkEnd } from './model.ts'

interface View {
  readonly id: string
  readonly name: string
  readonly address: string
  readonly local: string
  /** 0 = as the way to the peer has it. */
  readonly mtu: number
  readonly port: number
  readonly peer: string
  readonly key: string
  readonly psk: string
  /** '' = the other end is not dialled. */
  readonly endpoint: string
  readonly keepalive: number
}

/** WireGuard's own head over IPv6, in bytes; over IPv4 it is 20 less. */
export const OVERHEAD = 80
/** Below it Linux takes IPv6 away from an interface (RFC 8200, section 5). */
export const MIN_MTU = 1280

const linkText = template<View>('mesh/link')

/** Signs of names and addresses: nothing that ends a line, a value or a word of the shell. */
const PLAIN = /^[A-Za-z0-9.:-]+$/

/** `key`: public, of the other end. Pure. Errors: RangeError for a name that the site file would refuse. */
export function linkFile({ postQuantum }: Pick<Mesh, 'postQuantum'>, end: LinkEnd, key: string): string {
  const { link, interface: name, own, peer } = end
  return linkText({
    id: link.id,
    name: plain(name),
    address: withLength(own.address),
    local: `${end.local}/64`,
    mtu: mtuOf(end),
    port: end.listenPort,
    peer: plain(peer.name),
    key,
    psk: `${postQuantum?.required ? '' : '-'}${name}.psk`,
    endpoint: endpointOf(end),
    keepalive: end.keepalive,
  })
}

/** What stands where a key belongs that the same run makes. No program takes it for one. */
export function keyToCome({ peer }: LinkEnd): string {
  return `(${peer.name} makes it)`
}

/** The public key in the text of a link file. */
export function keyIn(text: string | undefined): string | undefined {
  return /^PublicKey = (.+)$/m.exec(text ?? '')?.[1]
}

/** The port in the text of a link file. */
export function portIn(text: string | undefined): string | undefined {
  return /^ListenPort = (.+)$/m.exec(text ?? '')?.[1]
}

/** One address as a network of it alone, spelled as ip(8) does. */
export function withLength(address: string): string {
  const known = lengths.get(address)
  if (known !== undefined) return known
  const ip = parseIp(address)
  const made = ip === undefined ? address : `${formatIp(ip.family, ip.first)}/${ip.family === 4 ? 32 : 128}`
  lengths.set(address, made)
  return made
}

/** A gateway's address stands on each of its links. */
const lengths = new Map<string, string>()

function mtuOf({ own, peer }: LinkEnd): number {
  const said = [own.mtu, peer.mtu].flatMap((mtu) => mtu ?? [])
  return said.length === 0 ? 0 : tunnelMtu(Math.min(...said))
}

/** Of a tunnel over a network with this MTU. */
export function tunnelMtu(underlay: number): number {
  return Math.max(MIN_MTU, underlay - OVERHEAD)
}

function endpointOf({ dial }: LinkEnd): string {
  if (dial === undefined) return ''
  const host = plain(dial.host)
  return host.includes(':') ? `[${host}]:${dial.port}` : `${host}:${dial.port}`
}

function plain(text: string): string {
  if (!PLAIN.test(text)) throw new RangeError(`not a name or an address: ${JSON.stringify(text)}`)
  return text
}
