// Rights that depend on what a request says, beyond the check that the schema names for its path.
import { denied } from './refusal.ts'
import type { Call } from './route.ts'
import type { GuestState } from './world.ts'

export interface Demand {
  /** One of the privileges is enough. */
  readonly any?: boolean
}

function holds(call: Call, path: string, privileges: readonly string[], { any = false }: Demand = {}): boolean {
  return any ? privileges.some((privilege) => call.allowed(path, [privilege])) : call.allowed(path, privileges)
}

/** Throws 403 unless the caller holds the privileges on the path. */
export function demand(call: Call, path: string, privileges: readonly string[], options: Demand = {}): void {
  if (!holds(call, path, privileges, options)) throw denied(`${path}, ${privileges.join(options.any ? '|' : ', ')}`)
}

/** The same for a guest, where rights on its pool, or the pool that it shall be in, are as good. */
export function demandOnGuest(
  call: Call,
  { vmid, pool }: Pick<GuestState, 'vmid' | 'pool'>,
  privileges: readonly string[],
  options: Demand = {},
): void {
  if (pool !== undefined && holds(call, `/pool/${pool}`, privileges, options)) return
  demand(call, `/vms/${vmid}`, privileges, options)
}

/** Throws unless the caller may put a guest on this bridge, or this VLAN of it. */
export function demandBridge(call: Call, bridge: string | undefined, tag: string | undefined): void {
  if (bridge === undefined) return
  const zone = `/sdn/zones/localnetwork/${bridge}`
  if (call.allowed(zone, ['SDN.Use'])) return
  demand(call, tag === undefined ? zone : `${zone}/${tag}`, ['SDN.Use'])
}

/** Does the caller see this guest in lists? */
export function seesGuest(call: Call, guest: GuestState): boolean {
  return call.allowed(`/vms/${guest.vmid}`, ['VM.Audit'])
}

/** Does the caller see this storage in lists? */
export function seesStorage(call: Call, name: string): boolean {
  return holds(call, `/storage/${name}`, ['Datastore.Audit', 'Datastore.AllocateSpace'], { any: true })
}
