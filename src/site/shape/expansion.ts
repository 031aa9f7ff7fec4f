// From entries of `guests` to single guests: defaults merged in, ranges of ids expanded.
import type { GuestDefaults, GuestInput } from '../schema/guest.ts'
import type { SiteInput } from '../schema/schema.ts'
import type { Finding, Path } from '../site.ts'

/**
 * One guest to be: its settings are the entry's own, and those of `defaults.guest` for the rest; an adopted one, of which nothing
 * is looked after that its entry does not say, takes only the node from there.
 */
export interface Draft {
  readonly name: string
  readonly group: string
  readonly vmid: number
  /** Which guest of its range it is, from 0, and how many there are. */
  readonly index: number
  readonly count: number
  readonly settings: GuestDefaults
  readonly own: GuestInput
}

export interface Expansion {
  readonly drafts: readonly Draft[]
  /** Name of a guest or of a group to the names of its guests. */
  readonly names: ReadonlyMap<string, readonly string[]>
  readonly findings: readonly Finding[]
}

/** More in one range is a slip of the pen; more in one site is beyond what Proxmox can hold. */
const MAX_RANGE = 10_000
const MAX_GUESTS = 50_000

export function expandGuests(input: SiteInput): Expansion {
  const drafts: Draft[] = []
  const names = new Map<string, readonly string[]>()
  const findings: Finding[] = []
  for (const [group, own] of Object.entries(input.guests ?? {})) {
    const { first, last, range } = own.id
    const count = last - first + 1
    const limit = Math.min(MAX_RANGE, MAX_GUESTS - drafts.length)
    if (count > limit) {
      const message =
        count > MAX_RANGE
          ? `${count} guests in one range: ${MAX_RANGE} at most`
          : `more than ${MAX_GUESTS} guests in one site`
      findings.push({ severity: 'error', path: ['guests', group, 'id'], message })
      continue
    }
    const settings: GuestDefaults = { ...inherited(input.defaults?.guest, own), ...own }
    const made: string[] = []
    for (let index = 0; index < count; index++) {
      const name = range ? `${group}-${index + 1}` : group
      made.push(name)
      drafts.push({ name, group, vmid: first + index, index, count, settings, own })
    }
    names.set(group, made)
  }
  // A guest's own name comes after the groups, which it must not hide.
  for (const { name } of drafts) if (!names.has(name)) names.set(name, [name])
  return { drafts, names, findings }
}

function inherited(defaults: GuestDefaults | undefined, { adopted }: GuestInput): GuestDefaults | undefined {
  if (adopted !== true) return defaults
  return defaults?.node === undefined ? undefined : { node: defaults.node }
}

/** Where a setting stands: at the guest, or in the defaults that it came from. */
export function pathOf(draft: Draft, key: keyof GuestDefaults): Path {
  const inherited = !Object.hasOwn(draft.own, key) && Object.hasOwn(draft.settings, key)
  return inherited ? ['defaults', 'guest', key] : ['guests', draft.group, key]
}
