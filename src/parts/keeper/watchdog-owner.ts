// Who feeds a watchdog. Two owners would fight for it, and the one who loses leaves the node to be reset.
import type { Dog, Watchdogs } from './watchdog-look.ts'

/** `other`: a daemon of somebody's. `left`: it counts and nobody feeds it, so the node is about to be reset. */
export type Owner =
  | { readonly kind: 'systemd' | 'watchdog-mux' | 'nobody' | 'left' }
  | { readonly kind: 'other'; readonly name: string }

const MUX = 'watchdog-mux'
/** The one that it opens, by the name /dev/watchdog. */
const FIRST = 'watchdog0'
const SOFTDOG = /^software watchdog$/i

/** By who has it open. Proxmox VE's own counts also while it is not running: it would take the device at its next start. Pure. */
export function ownerOf({ holders, mux }: Watchdogs, dog: Dog): Owner {
  const holder = holders.find((one) => one.dog === dog.name)
  if (holder?.pid === 1) return { kind: 'systemd' }
  if (holder?.unit === `${MUX}.service` || holder?.command === MUX) return { kind: MUX }
  if (holder !== undefined) return { kind: 'other', name: holder.unit ?? `${holder.command} (process ${holder.pid})` }
  if (dog.name === FIRST && (mux.active || mux.claims)) return { kind: MUX }
  return { kind: dog.active ? 'left' : 'nobody' }
}

/** A timer of the kernel itself: it does nothing where the kernel stands still. */
export const isSoftdog = ({ identity }: Dog): boolean => SOFTDOG.test(identity)

/** `iTCO_wdt`; `softdog` is known by that name. */
export const dogName = (dog: Dog): string => (isSoftdog(dog) ? 'softdog' : dog.identity)

/** `watchdog-mux`, `systemd`, or the unit of somebody else; undefined = nobody. */
export function ownerName(owner: Owner): string | undefined {
  if (owner.kind === 'other') return owner.name
  return owner.kind === 'nobody' || owner.kind === 'left' ? undefined : owner.kind
}

/** What would be better than a watchdog of the kernel's own. `spare`: a real one that nobody has. */
export function softdogHint(node: string, { dogs, holders }: Watchdogs): string {
  const spare = dogs.find((dog) => !isSoftdog(dog) && !holders.some(({ dog: held }) => held === dog.name))
  if (spare)
    return `${node} has a real one (${spare.identity}): keeper.watchdog.device: /dev/${spare.name} in the site file`
  return `a real one: WATCHDOG_MODULE=iTCO_wdt (Intel; as the mainboard has it) in /etc/default/pve-ha-manager, then restart ${node}`
}
