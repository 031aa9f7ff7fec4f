// What /usr/local/sbin/orion-mesh does on a simulated host: tunnels made, brought along and taken away, as the files say.
import { isInside } from '../host/addresses.ts'
import { networkOf } from '../host/links.ts'
import { failed, type Output, ok, type Program } from '../host/machine.ts'
import { type HostState, textAt } from '../host/state.ts'
import { loadRules, nft } from '../router/nft.ts'
import type { World } from '../world.ts'
import { type LinkFile, type LinkPeer, readLinkFile } from './link-file.ts'
import { keyAt } from './mesh-keys.ts'
import { MESH, meshOf, type Tunnel, type TunnelPeer } from './mesh-state.ts'

export const LINKS_UNIT = 'orion-mesh.service'
const PROGRAM = '/usr/local/sbin/orion-mesh'
const LINKS = `${MESH}/links/`
const FIREWALL = `${MESH}/firewall.nft`
const TABLE = 'inet orion_mesh'
/** Of a route of 1500 bytes: WireGuard over IPv6 adds 80. */
const MTU = 1420

/** Interfaces that the files want, with their files; what is wrong with one is text. */
function wantedOf(host: HostState): Map<string, LinkFile | string> {
  const paths = Object.keys(host.files).filter((path) => path.startsWith(LINKS) && path.endsWith('.conf'))
  return new Map(
    paths.map((path): [string, LinkFile | string] => {
      const name = path.slice(LINKS.length, -'.conf'.length)
      try {
        return [name, readLinkFile(textAt(host, path) ?? '')]
      } catch (error) {
        return [name, `${path}: ${error instanceof Error ? error.message : String(error)}`]
      }
    }),
  )
}

/** `sync`: undefined = done, else what went wrong; the rest is done all the same. */
export function syncTunnels(world: World, host: HostState): string | undefined {
  const mesh = meshOf(host)
  const wanted = wantedOf(host)
  if (wanted.size > 0 && host.packages['wireguard-tools'] === undefined) return 'wg: not found'
  const wrong = [syncFirewall(host)]
  for (const name of Object.keys(mesh.tunnels)) if (!wanted.has(name)) delete mesh.tunnels[name]
  for (const [name, file] of wanted) wrong.push(typeof file === 'string' ? file : syncTunnel(host, name, file))
  mesh.rules = true
  mesh.routes = routesOf(host, wanted)
  world.changed()
  const said = wrong.filter((one) => one !== undefined)
  return said.length === 0 ? undefined : said.join('\n')
}

function syncFirewall(host: HostState): string | undefined {
  if (textAt(host, FIREWALL) !== undefined) return loadRules(host, FIREWALL)
  delete host.tables?.[TABLE]
  return undefined
}

/** Sessions go on: a handshake that was made stays one as long as nothing of the peer changed. */
function syncTunnel(host: HostState, name: string, file: LinkFile): string | undefined {
  const { tunnels } = meshOf(host)
  const privateKey = keyAt(host, file.keyFile)
  const [missing] = missingKeys(host, name, file)
  if (missing !== undefined || privateKey === undefined) return missing
  const taken = Object.entries(tunnels).find(([other, { port }]) => other !== name && port === file.port)
  if (taken) return `${name}: UDP port ${file.port}: Address already in use`
  const before = tunnels[name]
  const kept = before?.privateKey === privateKey ? before.peers : []
  tunnels[name] = {
    privateKey,
    port: file.port,
    mtu: file.mtu ?? before?.mtu ?? MTU,
    addresses: file.addresses,
    peers: file.peers.map((peer) => peerOf(host, peer, kept)),
  }
  return undefined
}

function peerOf(
  host: HostState,
  { publicKey, allowed, endpoint, keepalive, psk }: LinkPeer,
  kept: Tunnel['peers'],
): TunnelPeer {
  const before = kept.find((one) => one.publicKey === publicKey)
  return {
    publicKey,
    psk: (psk && keyAt(host, psk.file)) ?? '',
    allowed,
    keepalive,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(before?.handshakeMs === undefined ? {} : { handshakeMs: before.handshakeMs }),
  }
}

/** Routes written down (`PREFIX dev IF`), and those to people's devices. */
function routesOf(host: HostState, wanted: ReadonlyMap<string, LinkFile | string>): Record<string, string> {
  const lines = (textAt(host, `${MESH}/routes`) ?? '').matchAll(/^([0-9a-fA-F.:]+\/\d+) (dev|via) (\S+)$/gm)
  const clients = [...wanted].flatMap(([name, file]) =>
    typeof file === 'string' || file.table === undefined
      ? []
      : file.peers.flatMap(({ allowed }) => allowed.map((cidr) => [cidr, name] as const)),
  )
  return Object.fromEntries([
    ...[...lines].map(([, prefix = '', how, to = '']) => [prefix, how === 'via' ? deviceTo(host, to) : to] as const),
    ...clients,
  ])
}

/** Where an address is beside this host. */
function deviceTo(host: HostState, address: string): string {
  const links = [...networkOf(host, host.applied).links.values()]
  return links.find(({ addresses }) => addresses.some((cidr) => isInside(address, cidr)))?.name ?? 'vmbr0'
}

/** `down` */
export function removeTunnels(host: HostState): void {
  Object.assign(meshOf(host), { tunnels: {}, rules: false, routes: {} })
}

const outputOf = (wrong: string | undefined): Output => (wrong === undefined ? ok() : failed(1, wrong))

/** `orion-mesh up | sync | endpoints | check | down` */
export const orionMesh: Program = ({ host, world }, [verb = '']) => {
  if (textAt(host, PROGRAM) === undefined) return failed(127, `sh: 1: ${PROGRAM}: not found`)
  if (verb === 'down') removeTunnels(host)
  else if (verb === 'up' || verb === 'sync') return outputOf(syncTunnels(world, host))
  else if (verb === 'check') return outputOf(checkFiles(host))
  else if (verb !== 'endpoints') return failed(1, 'usage: orion-mesh up | sync | endpoints | check | down')
  return ok()
}

/** Are the files sound, and the keys there that they name? Changes nothing. */
function checkFiles(host: HostState): string | undefined {
  const wanted = [...wantedOf(host)]
  const wrong = wanted.flatMap(([name, file]) => (typeof file === 'string' ? [file] : missingKeys(host, name, file)))
  const ports = wanted.flatMap(([, file]) => (typeof file === 'string' ? [] : [file.port]))
  if (new Set(ports).size < ports.length) wrong.push('two links have one port')
  return wrong.length === 0 ? undefined : wrong.join('\n')
}

function missingKeys(host: HostState, name: string, { keyFile, peers }: LinkFile): string[] {
  if (keyAt(host, keyFile) === undefined) return [`${name}: no key ${keyFile}`]
  const missing = peers.find(({ psk }) => psk?.required && keyAt(host, psk.file) === undefined)
  return missing ? [`${name}: no preshared key ${missing.psk?.file}`] : []
}

/** `orion-mesh-firewall-check FILE`, where it is there. */
export const checkFirewall: Program = (machine, [path = ''], io) =>
  textAt(machine.host, path) === undefined ? ok() : nft(machine, ['-c', '-f', path], io)
