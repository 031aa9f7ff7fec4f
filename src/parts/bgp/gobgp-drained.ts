// The two lists of GoBGP's file that say who is drained (RFC 8326): all that a drain changes of it.
import type { BgpPeer } from '../../site/services.ts'

export const DRAINED = ['drained-outside', 'drained-internal'] as const
type Name = (typeof DRAINED)[number]

/** Nobody has this address (RFC 6666); an empty set would match every neighbor. */
const NOBODY = '100::'

interface Drainable extends Pick<BgpPeer, 'address' | 'relation'> {
  readonly drained: boolean
}

/** Addresses; [] where the site has no peer of the kind. Pure. */
export function membersOfDrained(name: Name, peers: readonly Drainable[]): readonly string[] {
  const kind = peers.filter(({ relation }) => (relation === 'internal') === (name === 'drained-internal'))
  const members = kind.filter(({ drained }) => drained).map(({ address }) => address)
  return kind.length > 0 && members.length === 0 ? [NOBODY] : members
}

/** The text of GoBGP's file with these peers drained; undefined where it is not as orion writes it now. Pure. */
export function withDrained(text: string, peers: readonly Drainable[]): string | undefined {
  return DRAINED.reduce<string | undefined>((all, name) => {
    const members = membersOfDrained(name, peers)
    if (all === undefined || members.length === 0) return all
    const list = new RegExp(`(^ *neighbor-set-name = "${name}"\\n *neighbor-info-list = )\\[[^\\]\\n]*\\]$`, 'm')
    return list.test(all)
      ? all.replace(list, (_, head) => `${head}[${members.map((one) => `"${one}"`).join(', ')}]`)
      : undefined
  }, text)
}
