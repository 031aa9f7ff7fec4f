// What the disks of the nodes foretell: which of them fail, and which guests would go where before they do.
import { OrionError } from '../../errors.ts'
import type { Outside } from '../../resource.ts'
import { haGuests, readRoom } from '../../resources/cluster-room.ts'
import type { Node, Site } from '../../site/site.ts'
import { leaversOf } from './leavers.ts'
import { followGuest, moveGuest } from './moving.ts'
import { type Move, placeGuests, type Stay, type Target } from './placing.ts'
import { type Remark, remarksOf } from './predict-remarks.ts'
import { keeperIn, lookAt } from './status.ts'

export interface FailingDisk {
  readonly disk: string
  readonly model: string
  readonly serial: string
  readonly reasons: readonly string[]
}

export interface Forecast {
  readonly node: string
  /** [] = none that its Keeper knows of. */
  readonly failing: readonly FailingDisk[]
  /** Disks that were looked at. */
  readonly disks: number
  /** In their order: what gives way last goes first. */
  readonly moves: readonly Move[]
  readonly stays: readonly Stay[]
  /** Guests that leave it already: a run that was killed, or somebody else's. */
  readonly underWay: readonly string[]
  readonly remarks: readonly Remark[]
}

export interface Prediction {
  readonly names: readonly string[]
  /** Errors: E_HOST_COMMAND where the node has no Keeper; those of the host and of the API. */
  look(node: string): Promise<Forecast>
  /** Moves one guest and waits for its end; one that is on its way is followed. Errors: those of migrateGuest. */
  move(move: Move, note: (text: string) => void): Promise<void>
  /** Waits for what is on its way. */
  follow(node: string, guest: string, note: (text: string) => void): Promise<void>
}

/** Errors: E_USAGE where the site has no Keeper. */
export function openPrediction(site: Site, outside: Outside, nodes?: readonly string[]): Prediction {
  keeperIn(site)
  return {
    names: site.nodes.map(({ name }) => name).filter((name) => nodes?.includes(name) ?? true),
    look: (name) => forecast(site, outside, named(site.nodes, name)),
    move: (move, note) => moveGuest(site, outside, move, note),
    follow: (node, name, note) => followGuest(outside, named(site.guests, name), node, note),
  }
}

function named<Thing extends { readonly name: string }>(things: readonly Thing[], name: string): Thing {
  const found = things.find((one) => one.name === name)
  if (found) return found
  throw new OrionError(`the site has no ${name}`, { code: 'E_SITE' })
}

async function forecast(site: Site, outside: Outside, node: Node): Promise<Forecast> {
  const { name } = node
  const { status } = await lookAt(keeperIn(site), name, outside)
  if (status === undefined)
    throw new OrionError(`the Keeper of ${name} is not installed, and nobody looks at its disks`, {
      code: 'E_HOST_COMMAND',
      suggestions: [`orion keeper apply --node ${name}`],
    })
  const failing = status.disks.filter((disk) => disk.failing)
  const text = `the Keeper of ${name} does not run: this is what it last knew`
  const stale = status.running ? [] : [{ text, hint: `orion keeper apply --node ${name}` }]
  const bare = { node: name, failing, disks: status.disks.length, moves: [], stays: [], underWay: [], remarks: stale }
  if (failing.length === 0) return bare
  const found = await whoGoes(site, outside, node)
  return { ...bare, ...found, remarks: [...stale, ...found.remarks] }
}

type Going = Pick<Forecast, 'moves' | 'stays' | 'underWay' | 'remarks'>

/** Read anew: what was moved a moment ago takes its room. */
async function whoGoes(site: Site, outside: Outside, node: Node): Promise<Going> {
  outside.pve.forget()
  const cluster = outside.pve.cluster(node.name)
  const others = site.nodes.filter((one) => one.cluster === node.cluster && one.name !== node.name)
  const [rooms, ha, against] = await Promise.all([
    readRoom(cluster, [node.name, ...others.map(({ name }) => name)]),
    haGuests(cluster),
    Promise.all(others.map(async (other) => [other.name, await unfit(site, outside, other)] as const)),
  ])
  const own = rooms.find((room) => room.node === node.name)
  const isShared = (storage: string) => own?.storages.get(storage)?.shared ?? false
  const { leaving, underWay } = await leaversOf(site, outside, node, { ha, isShared })
  const reasons = new Map(against)
  const targets = rooms.flatMap((room): Target[] => {
    const target = others.find(({ name }) => name === room.node)
    return target
      ? [{ ...room, bridges: target.bridges.map(({ name }) => name), against: reasons.get(room.node) ?? [] }]
      : []
  })
  const placed = placeGuests(node.name, leaving, targets)
  const here = new Set([...leaving.map(({ vmid }) => vmid), ...underWay.map(({ vmid }) => vmid)])
  const remarks = await remarksOf(site, outside, {
    node: node.name,
    isAlone: others.length === 0,
    stays: placed.stays,
    here,
  })
  return { ...placed, underWay: underWay.map(({ name }) => name), remarks }
}

/** A node whose own disks fail takes nobody, nor one of whose disks nobody knows. */
async function unfit(site: Site, outside: Outside, { name }: Node): Promise<readonly string[]> {
  try {
    const { status } = await lookAt(keeperIn(site), name, outside)
    if (status === undefined) return ['its disks are not known (no Keeper)']
    return status.disks.some(({ failing }) => failing) ? ['a disk of its own fails'] : []
  } catch (error) {
    if (!(error instanceof OrionError) || error.code === 'E_INTERRUPTED') throw error
    return ['it does not answer']
  }
}
