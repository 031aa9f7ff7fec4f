// Proof that no option of a guest is stored and waits for its restart: what the site file is silent about as well.
import type { Outside, Probe, ProbeResult, Resource } from '../resource.ts'
import type { Settings } from '../resources/setting.ts'
import type { Guest } from '../site/site.ts'

interface State {
  readonly settings: Settings
}

export interface PendingGuest {
  readonly guest: Pick<Guest, 'name' | 'kind' | 'vmid'>
  /** What of it the site file is about: its own check tells that. */
  readonly resource: Resource<State>
  /** Is it an option that a check of its own is about? */
  isElsewhere(key: string): boolean
}

/** Never sent by anybody, and never of use: Proxmox VE makes them anew. */
const NEVER = new Set(['digest', 'lock', 'vmgenid'])

/** Of all guests of a node; a warning. No request beyond those that say whether each guest is as wanted. */
export function pendingOptions(node: string, guests: readonly PendingGuest[]): Probe {
  const expected = 'no stored option that waits for a restart'
  const run = async (outside: Outside): Promise<ProbeResult> => {
    const waiting = await Promise.all(guests.map(async (one) => ({ ...one, keys: await pendingKeys(one, outside) })))
    const found = waiting.filter(({ keys }) => keys.length > 0)
    const [first] = found
    if (first === undefined) return { state: 'ok', expected, seen: 'none' }
    const seen = found.map(({ guest, keys }) => `${guest.name}: ${keys.join(', ')}`).join('; ')
    const { name, kind, vmid } = first.guest
    const back = `${kind === 'vm' ? 'qm' : 'pct'} set ${vmid} --revert ${first.keys.join(',')}`
    const hint = `stop it and start it: orion vm stop ${name}, then orion vm start ${name}; or take it back, as root on ${node}: ${back}`
    return { state: 'warning', expected, seen, hint }
  }
  return { id: `pending-options:${node}`, title: node, run }
}

/** Of one that cannot be read, its own check tells. */
async function pendingKeys({ resource, isElsewhere }: PendingGuest, outside: Outside): Promise<readonly string[]> {
  const have = await resource.observe(outside).catch(() => undefined)
  if (have === undefined) return []
  const told = new Set(resource.diff(have).flatMap(({ field }) => field.split(' ')))
  return [...have.settings].flatMap(([key, { active, next }]) =>
    active === next || NEVER.has(key) || told.has(key) || isElsewhere(key) ? [] : [key],
  )
}
