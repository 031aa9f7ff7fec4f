// `orion-mesh-look` on a simulated host: what a gateway sees of its links and ways, one fact per line.
import { type Machine, type Output, ok, type Program } from '../host/machine.ts'
import { textAt } from '../host/state.ts'
import { ribsOf } from './bgp-mesh.ts'
import { BIRD_SOCKET } from './bird-mesh.ts'
import { meshBirdc } from './birdc-mesh.ts'
import { keyAt, publicOf } from './mesh-keys.ts'
import { MESH, onlyPeer } from './mesh-state.ts'
import { isOpen } from './psk-files.ts'
import { wayOf } from './ways.ts'
import { type End, endOf, endpointText, handshakeMs, isJoined } from './wire.ts'

/** `PINGS PROBE IF=REMOTE… ADDRESS…` */
export const orionLook: Program = async (machine, [pings = '0', probe = 'no', ...words], io) => {
  const links = words.filter((word) => word.includes('=')).map((word) => word.split('=')[0] ?? '')
  const addresses = words.filter((word) => !word.includes('='))
  const lines = [
    ...links.flatMap((name) => probed(machine, name, Number(pings), probe === 'yes')),
    `now ${Math.floor(machine.world.now() / 1000)}`,
    ...links.flatMap((name) => linkLines(machine, name)),
    ...clientLines(machine),
    ...ways(machine, addresses),
    ...(await birdLines(machine, io)),
    ...(machine.kind === 'node' ? ['pve-firewall disabled/running'] : []),
    'end',
  ]
  return ok(`${lines.join('\n')}\n`)
}

function probed(machine: Machine, name: string, pings: number, probe: boolean): string[] {
  const end = endOf(machine, name)
  if (end === undefined) return []
  const isThere = isJoined(end)
  return [
    ...(pings > 0 ? [`ping ${name} ${pings} ${isThere ? `${pings} ${rttOf(end)}` : '0 -'}`] : []),
    ...(probe ? [`inner ${name} ${isThere ? end.tunnel.mtu : '-'}`] : []),
    ...(probe && end.peer.endpoint !== undefined ? [`outer ${name} ${isThere ? end.tunnel.mtu : '-'}`] : []),
  ]
}

/** Milliseconds that follow from the names of both ends, so that a link has the same one each time. */
function rttOf({ machine, name }: End): string {
  const seed = [...[machine.node, name.slice('wg-'.length)].sort().join('~')]
  return (5 + (seed.reduce((sum, sign) => (sum * 31 + sign.charCodeAt(0)) % 900, 7) % 900) / 10).toFixed(3)
}

function linkLines(machine: Machine, name: string): string[] {
  const { host } = machine
  const tunnel = host.mesh?.tunnels[name]
  const peer = tunnel && onlyPeer(tunnel)
  const state = keyAt(host, `${name}.state`)
  return [
    tunnel === undefined ? `link ${name} absent` : `link ${name} up ${tunnel.mtu}`,
    ...(state === undefined ? [] : [`state ${name} ${state}`]),
    ...(isOpen(host, name) ? [`rotating ${name}`] : []),
    ...(isDrained(host, name) ? [`drained ${name}`] : []),
    ...(tunnel ? [`wg ${name} ${publicOf(tunnel.privateKey)} ${tunnel.port}`] : []),
    ...(tunnel && peer ? [peerLine({ machine, name, tunnel, peer })] : []),
  ]
}

const isDrained = (host: Machine['host'], name: string): boolean =>
  (textAt(host, '/etc/orion/mesh/drain.conf') ?? '').includes(`define DRAIN_${name.replaceAll('-', '_')} = 1;`)

function peerLine(end: End): string {
  const { name, peer } = end
  const at = Math.floor(handshakeMs(end) / 1000)
  const bytes = at === 0 ? 0 : 148_000
  const psk = peer.psk === '' ? 'none' : 'set'
  return `peer ${name} ${peer.publicKey} ${psk} ${endpointText(end)} ${at} ${bytes} ${bytes} ${peer.keepalive || 'off'}`
}

const CLIENTS = `${MESH}/clients/`

/** Nobody's device is ever there in the lab. */
function clientLines({ host }: Machine): string[] {
  const names = Object.keys(host.files).filter((path) => path.startsWith(CLIENTS))
  return names.map((path) => `client ${path.slice(CLIENTS.length)} ${textAt(host, path)?.trim() ?? ''}`)
}

function ways(machine: Machine, addresses: readonly string[]): string[] {
  const ribs = ribsOf(machine.all())
  return addresses.flatMap((address) => {
    const dev = wayOf(machine, address, ribs)
    return dev === undefined ? [] : [`way ${JSON.stringify([{ dst: address, dev, flags: [], uid: 0, cache: [] }])}`]
  })
}

async function birdLines(machine: Machine, io: Parameters<Program>[2]): Promise<string[]> {
  if (machine.host.mesh?.bird === undefined) return []
  const ask = async (...words: readonly string[]) =>
    linesOf(await meshBirdc(machine, ['-s', BIRD_SOCKET, '-v', ...words], io))
  const protocols = (await ask('show', 'protocols', 'all')).filter((line) =>
    /^\d|BGP state:|Neighbor address:|Last error:/.test(line),
  )
  return [
    ...protocols.map((line) => `bgp ${line}`),
    ...(await ask('show', 'bfd', 'sessions')).map((line) => `bfd ${line}`),
  ]
}

const linesOf = ({ stdout = '' }: Output): string[] => stdout.toString().trimEnd().split('\n')

/** `threads N`, `memory KIB`, disks, NICs, IOMMU groups, clock: what a node that joins has. */
export const joinLook: Program = ({ host, world, node }) => {
  const hardware = world.state.hardware.nodes.find(({ name }) => name === node)
  const lines = [
    `threads ${hardware?.threads ?? 16}`,
    `memory ${(hardware?.memoryMib ?? 65_536) * 1024}`,
    `disk nvme0n1 ${2 * 1000 ** 4}`,
    `disk nvme1n1 ${2 * 1000 ** 4}`,
    ...Object.keys(host.ports).map((name) => `nic ${name} 1`),
    'iommu 24',
    `ntp ${textAt(host, '/etc/os-release') === undefined ? 'no' : 'yes'}`,
    `clock ${Math.floor(world.now() / 1000)}`,
  ]
  return ok(`${lines.join('\n')}\n`)
}
