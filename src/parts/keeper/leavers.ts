// The guests of this site on a node whose disk fails, each as it is now, in the order in which they would leave it.
import { OrionError } from '../../errors.ts'
import type { Outside } from '../../resource.ts'
import { readGuest } from '../../resources/guest-state.ts'
import type { Guest, Node, Site } from '../../site/site.ts'
import { type Leaving, leavingOf } from './leaving.ts'

interface Known {
  /** VMIDs that HA looks after. */
  readonly ha: ReadonlySet<number>
  readonly isShared: (storage: string) => boolean
}

export interface Leavers {
  readonly leaving: readonly Leaving[]
  /** A move of theirs has begun: that of a run that was killed, or somebody else's. */
  readonly underWay: readonly Guest[]
}

/** Errors: those of the API. A guest that is not ours on a VMID of the site is left out. */
export async function leaversOf(site: Site, outside: Outside, node: Node, known: Known): Promise<Leavers> {
  const nodes = new Set(site.nodes.filter(({ cluster }) => cluster === node.cluster).map(({ name }) => name))
  const guests = inOrder(site).filter((guest) => nodes.has(guest.node))
  const found = await Promise.all(guests.map((guest) => readLeaving(site, outside, { ...known, guest, node })))
  return {
    leaving: found.flatMap((one) => (one === undefined || one === 'under way' ? [] : [one])),
    underWay: guests.filter((_, at) => found[at] === 'under way'),
  }
}

/** What must not wait goes first: the guests that the Keeper never sheds, then those that it sheds last. */
function inOrder({ guests, keeper }: Site): readonly Guest[] {
  const shed = keeper?.shed ?? []
  const rank = ({ name }: Guest) => (shed.includes(name) ? shed.length - shed.indexOf(name) : 0)
  return guests.toSorted((one, other) => rank(one) - rank(other))
}

type Asked = Known & { readonly guest: Guest; readonly node: Node }

/** undefined = it is not on this node, or not ours. */
async function readLeaving(
  site: Site,
  outside: Outside,
  { guest, node, ha, isShared }: Asked,
): Promise<Leaving | 'under way' | undefined> {
  const seen = await readGuest(site, guest, outside).catch((error: unknown) => {
    if (!(error instanceof OrionError && error.code === 'E_FOREIGN')) throw error
  })
  if (seen?.node !== node.name) return undefined
  if (seen.settings.get('lock')?.active === 'migrate') return 'under way'
  return leavingOf(site, guest, seen, { isHa: ha.has(guest.vmid), isShared })
}
