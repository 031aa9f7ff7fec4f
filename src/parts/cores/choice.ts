// Which cores each pinned guest of a node gets: a pure function of the processor, the site file and what the guests have now.
import { formatCpuset } from '../../site/rules/cpuset.ts'
import { pickCores } from './pool.ts'
import { type Core, cpusOf, type Topology } from './topology.ts'

/** What a guest wants: cores that are chosen for it, or the CPUs that the site file names. */
export interface PinWish {
  readonly name: string
  readonly vmid: number
  readonly exclusive: boolean
  /** How many physical cores; not looked at where `cpus` says which. */
  readonly cores: number
  readonly cpus?: readonly number[] | undefined
  /** The CPUs that it has now: kept where they would do. */
  readonly current?: readonly number[] | undefined
}

export interface Choice {
  /** Logical CPUs by VMID, rising. */
  readonly cpus: ReadonlyMap<number, readonly number[]>
  /** CPUs of the cores that no guest has for itself: for the node and everybody else. */
  readonly rest: readonly number[]
  /** Everything that speaks against it, one line each; [] = it can be done. */
  readonly problems: readonly string[]
}

/** What is decided so far. */
interface Draft {
  readonly topology: Topology
  readonly cores: Map<PinWish, readonly Core[]>
  readonly problems: string[]
}

/**
 * Chooses. Cores are given whole, siblings together; those of an exclusive guest are in no other guest's set, and one core at
 * least stays for the others. What a guest has now it keeps where that would do, so a guest that is added moves nobody unless
 * there is no room otherwise.
 */
export function choosePins(topology: Topology, wishes: readonly PinWish[]): Choice {
  const draft: Draft = { topology, cores: new Map(), problems: [] }
  const named = wishes.filter(({ cpus }) => cpus !== undefined)
  const asked = wishes.filter(({ cpus }) => cpus === undefined)
  for (const wish of named) takeNamed(draft, wish)
  refuseOverlaps(draft, named)
  const shared = asked.filter(({ exclusive }) => !exclusive)
  chooseExclusive(
    draft,
    asked.filter(({ exclusive }) => exclusive),
    shared,
  )
  chooseShared(draft, shared)
  const rest = without(topology, taken(draft))
  if (topology.length > 0 && rest.length === 0)
    draft.problems.push(`${ownersOf(draft)}: no core is left for the node and its other guests`)
  const rows = [...draft.cores].map(([wish, cores]) => [wish.vmid, wish.cpus ?? cpusOf(cores)] as const)
  return { cpus: new Map(rows), rest: cpusOf(rest), problems: draft.problems }
}

function takeNamed({ topology, cores, problems }: Draft, wish: PinWish): void {
  const { name, cpus = [] } = wish
  const online = new Set(cpusOf(topology))
  const missing = cpus.filter((cpu) => !online.has(cpu))
  if (missing.length > 0)
    problems.push(
      `${name}: ${plural('CPU', missing)} of its affinity ${missing.length === 1 ? 'is' : 'are'} not there or offline: online are ${formatCpuset([...online])}`,
    )
  cores.set(wish, touched(topology, cpus))
}

/** A thread shares its core with its sibling: who has one of them for itself has both. */
function refuseOverlaps({ cores, problems }: Draft, named: readonly PinWish[]): void {
  for (const [at, one] of named.entries())
    for (const other of named.slice(at + 1)) {
      if (!one.exclusive && !other.exclusive) continue
      const [owner, guest] = one.exclusive ? [one, other] : [other, one]
      const owned = cpusOf(both(cores.get(one) ?? [], cores.get(other) ?? []))
      const common = (guest.cpus ?? []).filter((cpu) => owned.includes(cpu))
      if (common.length > 0)
        problems.push(
          `${guest.name}: ${plural('CPU', common)} of its affinity ${common.length === 1 ? 'is of a core' : 'are of cores'} that ${owner.name} has for itself`,
        )
    }
}

/** Those that have cores already, then the largest: it has the least choice. Cores that others are on now come last. */
function chooseExclusive(draft: Draft, wishes: readonly PinWish[], shared: readonly PinWish[]): void {
  const { topology, cores, problems } = draft
  const isFree = (some: readonly Core[]) => both(some, [...draft.cores.values()].flat()).length === 0
  for (const wish of keepable(topology, wishes)) if (isFree(wish.cores)) cores.set(wish.wish, wish.cores)
  const used = keepable(topology, shared).flatMap((kept) => kept.cores)
  for (const wish of bySize(wishes.filter((one) => !cores.has(one)))) {
    const free = without(topology, [...cores.values()].flat())
    const chosen = pickCores(without(free, used), wish.cores) ?? pickCores(free, wish.cores)
    if (chosen === undefined)
      problems.push(
        `${wish.name} wants ${count(wish.cores)} for itself, and ${free.length} of ${count(topology.length)} ${free.length === 1 ? 'is' : 'are'} free`,
      )
    else cores.set(wish, chosen)
  }
}

/** They may share cores with each other, and do so only where there are not enough. */
function chooseShared(draft: Draft, wishes: readonly PinWish[]): void {
  const { topology, cores, problems } = draft
  const open = without(topology, taken(draft))
  for (const { wish, cores: kept } of keepable(topology, wishes))
    if (both(kept, open).length === kept.length) cores.set(wish, kept)
  for (const wish of bySize(wishes.filter((one) => !cores.has(one)))) {
    const chosen = pickCores(without(open, [...cores.values()].flat()), wish.cores) ?? pickCores(open, wish.cores)
    if (chosen === undefined)
      problems.push(
        `${wish.name} wants ${count(wish.cores)}, and ${open.length} of ${count(topology.length)} ${open.length === 1 ? 'is' : 'are'} not another guest's alone`,
      )
    else cores.set(wish, chosen)
  }
}

/** Guests whose present CPUs are as many whole cores as they want. */
function keepable(topology: Topology, wishes: readonly PinWish[]): { wish: PinWish; cores: readonly Core[] }[] {
  return wishes.flatMap((wish) => {
    const { current = [] } = wish
    const cores = touched(topology, current)
    const isWhole = cores.length === wish.cores && cpusOf(cores).join() === [...current].sort((a, b) => a - b).join()
    return isWhole ? [{ wish, cores }] : []
  })
}

const bySize = (wishes: readonly PinWish[]): readonly PinWish[] =>
  [...wishes].sort((a, b) => b.cores - a.cores || a.vmid - b.vmid)

/** Cores that a guest has for itself. */
const taken = ({ cores }: Draft): readonly Core[] => [...cores].flatMap(([wish, own]) => (wish.exclusive ? own : []))

const ownersOf = ({ cores }: Draft): string =>
  [...cores.keys()].flatMap(({ name, exclusive }) => (exclusive ? [name] : [])).join(', ')

const touched = (topology: Topology, cpus: readonly number[]): readonly Core[] =>
  topology.filter((core) => core.cpus.some((cpu) => cpus.includes(cpu)))

function without(cores: readonly Core[], others: readonly Core[]): readonly Core[] {
  const gone = new Set(others)
  return cores.filter((core) => !gone.has(core))
}

function both(cores: readonly Core[], others: readonly Core[]): readonly Core[] {
  const there = new Set(others)
  return cores.filter((core) => there.has(core))
}

const plural = (word: string, cpus: readonly number[]): string =>
  `${word}${cpus.length === 1 ? '' : 's'} ${formatCpuset(cpus)}`

const count = (cores: number): string => `${cores} ${cores === 1 ? 'core' : 'cores'}`
