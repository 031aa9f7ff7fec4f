// Where guests that leave a node would go: one after the other, each to the node with the most memory left that can take it. Pure.
import type { NodeRoom } from '../../resources/cluster-room.ts'
import type { Leaving } from './leaving.ts'

/** A node that may take guests. */
export interface Target extends NodeRoom {
  readonly bridges: readonly string[]
  /** Why it takes nobody; [] = it may. */
  readonly against: readonly string[]
}

export interface Move {
  readonly guest: string
  readonly vmid: number
  readonly from: string
  readonly to: string
  /** `restart`: a container ends and starts again. `offline`: it does not run. */
  readonly how: 'live' | 'restart' | 'offline'
  readonly memoryMib: number
  readonly remarks: readonly string[]
}

export interface Stay {
  readonly guest: string
  readonly vmid: number
  readonly why: readonly string[]
}

/** The host keeps a tenth of its memory, and two GiB at least. */
const KEPT_PART = 0.1
const KEPT_MIB = 2048

export function placeGuests(
  from: string,
  leaving: readonly Leaving[],
  targets: readonly Target[],
): { readonly moves: readonly Move[]; readonly stays: readonly Stay[] } {
  const rooms = targets.map(makeRoom)
  const moves: Move[] = []
  const stays: Stay[] = []
  for (const guest of leaving) {
    const { name, vmid, memoryMib, remarks } = guest
    const room = guest.against.length > 0 ? undefined : bestOf(rooms, guest)
    if (room === undefined) {
      const why =
        guest.against.length > 0 ? guest.against : rooms.map((one) => `${one.node}: ${one.against(guest).join(', ')}`)
      stays.push({ guest: name, vmid, why: why.length > 0 ? why : ['there is no other node'] })
      continue
    }
    room.take(guest)
    moves.push({ guest: name, vmid, from, to: room.node, how: howOf(guest), memoryMib, remarks })
  }
  return { moves, stays }
}

function howOf({ kind, running }: Leaving): Move['how'] {
  if (!running) return 'offline'
  return kind === 'vm' ? 'live' : 'restart'
}

interface Room {
  readonly node: string
  freeMib(): number
  /** What it lacks for this guest; [] = it can take it. */
  against(guest: Leaving): readonly string[]
  take(guest: Leaving): void
}

function bestOf(rooms: readonly Room[], guest: Leaving): Room | undefined {
  const fit = rooms.filter((room) => room.against(guest).length === 0)
  return fit.toSorted((one, other) => other.freeMib() - one.freeMib())[0]
}

/** What is given away is counted, so that the last guest has its room as well as the first. */
function makeRoom(target: Target): Room {
  const { node, online, memoryMib, takenMib, threads, storages, bridges } = target
  const kept = Math.max(KEPT_MIB, (memoryMib ?? 0) * KEPT_PART)
  let freeMib = (memoryMib ?? 0) - kept - takenMib
  const freeGib = new Map([...storages].map(([name, storage]) => [name, storage.freeGib]))
  const spaceFor = (guest: Leaving): string[] => {
    const wanted = sizesOf(guest)
    return [...wanted].flatMap(([name, sizeGib]) => {
      const storage = storages.get(name)
      if (!storage?.content.includes(guest.content)) return [`no storage ${name} for it`]
      const free = freeGib.get(name) ?? 0
      return storage.shared || free >= sizeGib
        ? []
        : [`${Math.floor(free)}G free on ${name}, ${Math.ceil(sizeGib)}G wanted`]
    })
  }
  return {
    node,
    freeMib: () => freeMib,
    against: (guest) => {
      if (!online) return ['offline']
      if (target.against.length > 0) return target.against
      if (memoryMib === undefined) return ['its memory is not known (the token wants Sys.Audit)']
      const missing = guest.bridges.filter((bridge) => !bridges.includes(bridge))
      return [
        ...(!guest.running || freeMib >= guest.memoryMib
          ? []
          : [`${toGib(freeMib)} of memory free, ${toGib(guest.memoryMib)} wanted`]),
        ...(threads === undefined || threads >= guest.threads ? [] : [`${threads} threads, ${guest.threads} wanted`]),
        ...spaceFor(guest),
        ...(missing.length === 0 ? [] : [`no bridge ${missing.join(', ')}`]),
      ]
    },
    take: (guest) => {
      if (guest.running) freeMib -= guest.memoryMib
      for (const [name, sizeGib] of sizesOf(guest)) freeGib.set(name, (freeGib.get(name) ?? 0) - sizeGib)
    },
  }
}

function sizesOf({ volumes }: Leaving): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>()
  for (const { storage, sizeGib } of volumes) sizes.set(storage, (sizes.get(storage) ?? 0) + sizeGib)
  return sizes
}

/** `12.5G`. */
const toGib = (mib: number): string => `${Math.max(0, Math.floor(mib / 102.4) / 10)}G`
