// The IOMMU groups of a node: who is in each, which are of devices of the site file, and what the host needs of them.
import { toKind } from './class-names.ts'
import type { Machine, PciDevice } from './machine.ts'
import { getHazards, type Target } from './target.ts'

export interface GroupMember {
  readonly address: string
  readonly id: string
  readonly what: string
  readonly driver?: string
  /** Name of the device of the site file. */
  readonly device?: string
  /** What the host does with it. */
  readonly uses: readonly string[]
  /** Guests would take it from the host. */
  readonly isHazard: boolean
  readonly isBridge: boolean
}

export interface Group {
  /** undefined = these are in none. */
  readonly group?: number
  readonly members: readonly GroupMember[]
  /** A device of the site file, or another one that could go to a guest (graphics, accelerator), is in it. */
  readonly isShown: boolean
}

/** Displays, accelerators, and Corals, which call themselves system devices. */
const isCandidate = ({ class: code, id }: PciDevice): boolean => /^(?:03|12)/.test(code) || id === '1ac1:089a'

/** In the order of their numbers; members in that of their addresses. Pure. */
export function getGroups(machine: Machine, targets: readonly Target[]): readonly Group[] {
  const hazards = new Set(targets.flatMap((target) => getHazards(target, machine)).map((text) => text.split(' ')[0]))
  const numbers = [...new Set(machine.devices.map(({ group }) => group))].toSorted((a, b) => (a ?? 1e9) - (b ?? 1e9))
  return numbers.map((number) => {
    const devices = machine.devices.filter(({ group }) => group === number)
    const members = devices
      .toSorted((a, b) => (a.address < b.address ? -1 : 1))
      .map((one) => memberOf(one, targets, hazards))
    const isShown = members.some(({ device }) => device !== undefined) || devices.some(isCandidate)
    return { ...(number === undefined ? {} : { group: number }), members, isShown }
  })
}

function memberOf(one: PciDevice, targets: readonly Target[], hazards: ReadonlySet<string | undefined>): GroupMember {
  const owner = targets.find(({ functions }) => functions.some(({ address }) => address === one.address))
  return {
    address: one.address,
    id: one.id,
    what: toKind(one),
    ...(one.driver === undefined ? {} : { driver: one.driver }),
    ...(owner === undefined ? {} : { device: owner.device.name }),
    uses: one.uses,
    isHazard: hazards.has(one.address),
    isBridge: one.bridge,
  }
}
