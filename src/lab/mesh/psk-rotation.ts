// Keys of a link come into force on a simulated host, and the old ones back: while IF.psk.old or IF.key.old is there, the way back is open.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Machine } from '../host/machine.ts'
import { type HostState, putText, textAt } from '../host/state.ts'
import { keyAt, putKey } from './mesh-keys.ts'
import { MESH, meshOf } from './mesh-state.ts'
import { clean } from './psk-exchange.ts'
import { copy, drop, fail, isOpen, move, NONE, pskId } from './psk-files.ts'

/** Its watch over an open rotation runs from there. */
export const PSK_PROGRAM = '/usr/local/sbin/orion-mesh-psk'

/** To WireGuard. The session that runs goes on with its own keys, so nothing is lost. */
function setLive({ host }: Machine, name: string, which: 'new' | 'old'): void {
  const mesh = meshOf(host)
  const tunnel = mesh.tunnels[name]
  const [peer] = tunnel?.peers ?? []
  if (tunnel === undefined || peer === undefined) return
  const old = which === 'old'
  const psk = keyAt(host, old && keyAt(host, `${name}.psk.old`) !== undefined ? `${name}.psk.old` : `${name}.psk`)
  peer.psk = psk === undefined || psk === NONE ? '' : psk
  if (keyAt(host, `${name}.key.old`) !== undefined) {
    tunnel.privateKey = keyAt(host, old ? `${name}.key.old` : `${name}.key`) ?? tunnel.privateKey
    const publicKey = keyAt(host, old ? `${name}.peer.old` : `${name}.peer`) ?? peer.publicKey
    const { handshakeMs: _, ...rest } = peer
    tunnel.peers = [{ ...rest, publicKey }]
  }
  mesh.live[name] = which
}

function openWay({ host }: Machine, name: string): void {
  if (textAt(host, PSK_PROGRAM) === undefined) fail(`${PSK_PROGRAM} is not there: orion mesh apply`)
  if (meshOf(host).tunnels[name] === undefined) fail(`${name} is not up: orion mesh apply`)
}

export function apply(machine: Machine, name: string, id: string): string {
  const { host, world } = machine
  openWay(machine, name)
  if (pskId(host, `${name}.psk.new`) === id) {
    if (isOpen(host, name)) fail(`a rotation of ${name} is open`)
    putKey(host, `${name}.applied`, String(Math.floor(world.now() / 1000)), 0o644)
    copy(host, `${name}.state`, `${name}.state.old`)
    if (keyAt(host, `${name}.psk`) === undefined) putKey(host, `${name}.psk.old`, NONE)
    else copy(host, `${name}.psk`, `${name}.psk.old`)
    move(host, `${name}.psk.new`, `${name}.psk`)
  }
  if (pskId(host, `${name}.psk`) !== id) fail(`no key ${id} of ${name} is staged`)
  move(host, `${name}.state.new`, `${name}.state`)
  setLive(machine, name, 'new')
  return ''
}

export function back(machine: Machine, name: string): string {
  const { host } = machine
  if (isOpen(host, name)) setLive(machine, name, 'old')
  const old = keyAt(host, `${name}.psk.old`)
  if (old !== undefined) {
    drop(host, `${name}.state`)
    if (old === NONE) drop(host, `${name}.psk`)
    else copy(host, `${name}.psk.old`, `${name}.psk`)
    if (old !== NONE) copy(host, `${name}.state.old`, `${name}.state`)
  }
  if (keyAt(host, `${name}.key.old`) !== undefined) {
    copy(host, `${name}.key.old`, `${name}.key`)
    writePublic(host, name, keyAt(host, `${name}.peer.old`) ?? '')
  }
  return forget(machine, name)
}

export function finish(machine: Machine, name: string): string {
  if (isOpen(machine.host, name)) setLive(machine, name, 'new')
  return forget(machine, name)
}

function forget(machine: Machine, name: string): string {
  const gone = ['psk.old', 'state.old', 'key.old', 'peer.old', 'peer', 'key.new', 'applied']
  drop(machine.host, ...gone.map((part) => `${name}.${part}`))
  delete meshOf(machine.host).live[name]
  clean(machine, name)
  return ''
}

/** `EPOCH PEERKEY`: this end changes at that second. */
export async function applyPair(
  machine: Machine,
  name: string,
  [at = '', peerKey = '']: readonly string[],
): Promise<string> {
  const { host, world } = machine
  openWay(machine, name)
  if (isOpen(host, name)) fail(`a rotation of ${name} is open`)
  if (keyAt(host, `${name}.key.new`) === undefined) fail(`no key of ${name} is staged`)
  const left = Number(at) - Math.floor(world.now() / 1000)
  if (!(left >= 0 && left < 60)) fail(`the second at which this end changes is in ${left} s by this host's clock`)
  putKey(host, `${name}.applied`, at, 0o644)
  putKey(host, `${name}.peer.old`, meshOf(host).tunnels[name]?.peers[0]?.publicKey ?? '', 0o644)
  putKey(host, `${name}.peer`, peerKey, 0o644)
  copy(host, `${name}.key`, `${name}.key.old`)
  // A lab without waiting times does not wait here either.
  await sleep(Math.max(0, left * 1000 * Math.min(1, world.pace)))
  move(host, `${name}.key.new`, `${name}.key`)
  writePublic(host, name, peerKey)
  setLive(machine, name, 'new')
  return ''
}

/** The peer's key, in the file of the link. */
function writePublic(host: HostState, name: string, key: string): void {
  const path = `${MESH}/links/${name}.conf`
  const text = textAt(host, path)
  if (text !== undefined) putText(host, path, text.replace(/^PublicKey *=.*$/m, `PublicKey = ${key}`))
}
