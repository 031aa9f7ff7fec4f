// Who is at the other end of a tunnel, and do the two hear each other: over the whole lab, whatever cluster a host is in.

import type { Machine } from '../host/machine.ts'
import { addressInForce } from '../host/reachable.ts'
import { publicOf } from './mesh-keys.ts'
import { onlyPeer, type Tunnel, type TunnelPeer } from './mesh-state.ts'

/** One end of a link: a tunnel with its one peer, on its host. */
export interface End {
  readonly machine: Machine
  readonly name: string
  readonly tunnel: Tunnel
  readonly peer: TunnelPeer
}

/** The tunnels of a host that have one peer, which links have. */
export function endsOf(machine: Machine): readonly End[] {
  return Object.entries(machine.host.mesh?.tunnels ?? {}).flatMap(([name, tunnel]) => {
    const peer = onlyPeer(tunnel)
    return peer === undefined ? [] : [{ machine, name, tunnel, peer }]
  })
}

export function endOf(machine: Machine, name: string): End | undefined {
  return endsOf(machine).find((end) => end.name === name)
}

/** The tunnel that has the key which this one calls its peer's; undefined = nobody has it. */
export function farOf(end: End): End | undefined {
  for (const machine of end.machine.all())
    for (const other of endsOf(machine)) if (publicOf(other.tunnel.privateKey) === end.peer.publicKey) return other
  return undefined
}

/** Do both ends make a handshake now? A host that nobody reaches is taken to be off. */
export function isJoined(end: End): boolean {
  const far = farOf(end)
  return far !== undefined && isMet(end, far)
}

function isMet(end: End, far: End): boolean {
  const isKnown = far.peer.publicKey === publicOf(end.tunnel.privateKey)
  const isPlaced = dials(end, far) || dials(far, end)
  return (
    isKnown && end.peer.psk === far.peer.psk && isPlaced && [end, far].every((one) => isOn(one.machine) && !isCut(one))
  )
}

function isOn(machine: Machine): boolean {
  return machine.isRunning() && addressInForce(machine) !== undefined
}

function isCut({ machine, tunnel }: End): boolean {
  const { cut } = machine.host.mesh ?? {}
  return cut !== undefined && cut.untilMs > machine.world.now() && cut.ports.includes(tunnel.port)
}

/** The name leads to the other host, and the port is its tunnel's. */
function dials({ peer: { endpoint = '' } }: End, far: End): boolean {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(endpoint) ?? []
  const own = endpointOf(far.machine)
  return own !== undefined && host.replace(/^\[|\]$/g, '').toLowerCase() === own && Number(port) === far.tunnel.port
}

/** The name or address that leads to a host from outside; undefined = it is behind a NAT. */
function endpointOf({ node, world }: Machine): string | undefined {
  const { nodes, routers = [] } = world.state.hardware
  return [...nodes, ...routers].find(({ name }) => name === node)?.endpoint?.toLowerCase()
}

/** Milliseconds since the epoch of the newest handshake, 0 = never; packets flow all the time, so it is now where both hear each other. */
export function handshakeMs(end: End): number {
  if (isJoined(end)) end.peer.handshakeMs = end.machine.world.now()
  return end.peer.handshakeMs ?? 0
}

/** What is true now is remembered, before somebody makes it untrue. */
export function rememberHandshakes(machines: readonly Machine[]): void {
  for (const machine of machines) for (const end of endsOf(machine)) handshakeMs(end)
}

/** As `wg` shows it; a peer that dialled in is seen where it came from. */
export function endpointText(end: End): string {
  if (end.peer.endpoint !== undefined) return `${addressOfName(end)}:${end.peer.endpoint.replace(/^.*:/, '')}`
  const far = farOf(end)
  return far !== undefined && isJoined(end) ? `198.51.100.77:${far.tunnel.port}` : '(none)'
}

/** Names resolve to something of RFC 5737; the same one each time. */
function addressOfName({ peer: { endpoint = '' } }: End): string {
  const host = endpoint.replace(/:\d+$/, '')
  if (/^(\[.*\]|[\d.]+)$/.test(host)) return host
  return `203.0.113.${1 + ([...host].reduce((sum, sign) => (sum * 31 + sign.charCodeAt(0)) % 250, 7) % 250)}`
}
