// The file that says which peers are drained: traffic is asked away from a session (RFC 8326) before it goes down.
import type { BgpPeer } from '../../site/services.ts'
import { symbolOf } from './symbol.ts'

/** Included by bird.conf; `orion bgp drain` and `undrain` change it, and the plan keeps what it says. */
export const DRAIN_FILE = '/etc/bird/orion-drain.conf'

const HEAD = `# Made by orion: 1 = traffic is asked away from this peer (RFC 8326). To change it: orion bgp drain PEER, orion bgp undrain PEER.`

/** Names of those `peers` of the site file that the text of the file drains. Pure. */
export function drainedOf(peers: readonly string[], text: string | undefined): readonly string[] {
  const drained = new Set(
    [...(text ?? '').matchAll(/^\s*define\s+DRAIN_(\w+)\s*=\s*1\s*;/gm)].map(([, symbol]) => symbol),
  )
  return peers.filter((peer) => drained.has(symbolOf(peer)))
}

/** The file for these peers: who is drained in `existing` stays so, new ones are not, others go. Pure. */
export function drainFile(peers: readonly string[], existing: string | undefined): string {
  return render(peers, drainedOf(peers, existing))
}

/** The same with one peer drained or not. Pure. */
export function setDrain(peers: readonly string[], existing: string | undefined, peer: string, on: boolean): string {
  const others = drainedOf(peers, existing).filter((name) => name !== peer)
  return render(peers, on ? [...others, peer] : others)
}

/**
 * True where draining this peer leaves no provider to which traffic can move: the others are drained too, or down. `isUp`: undefined =
 * not known, which counts as up. Pure.
 */
export function isLastProvider(
  peers: readonly Pick<BgpPeer, 'name' | 'relation'>[],
  peer: string,
  drained: readonly string[],
  isUp: (name: string) => boolean | undefined,
): boolean {
  const providers = peers.filter(({ relation }) => relation === 'provider').map(({ name }) => name)
  if (!providers.includes(peer)) return false
  return !providers.some((name) => name !== peer && !drained.includes(name) && isUp(name) !== false)
}

function render(peers: readonly string[], drained: readonly string[]): string {
  const lines = peers.map((peer) => `define DRAIN_${symbolOf(peer)} = ${drained.includes(peer) ? 1 : 0};`)
  return [HEAD, ...lines, ''].join('\n')
}
