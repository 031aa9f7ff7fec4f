// In which order the gateways of a mesh change: the hub after the others, and what is of the bypass last, in a run of its own.
import type { Difference, Outside, Resource, ResourceId } from '../../resource.ts'
import type { FileSet } from '../../resources/file-set.ts'
import type { Gateway, MeshModel } from './model.ts'

/** What is planned: gateways with their file sets, each list in the order in which it is made. */
export type Planned = ReadonlyMap<Gateway, readonly FileSet[]>

export function idOf({ host, name }: FileSet): ResourceId {
  return `file-set:${host}/${name}`
}

/** The same with what each set needs: keys, then preshared keys, then the gateways in their order. Pure. */
export function inOrder({ links }: MeshModel, planned: Planned, { postQuantum }: { postQuantum: boolean }): Planned {
  const names = new Set([...planned.keys()].map(({ name }) => name))
  const psks = new Map<Gateway, ResourceId[]>([...planned.keys()].map((gateway) => [gateway, []]))
  for (const { id, a, b } of postQuantum ? links : [])
    if (names.has(a.name) && names.has(b.name)) for (const end of [a, b]) psks.get(end)?.push(`mesh-psk:${id}/psk`)
  const before = earlier(planned)
  const rows = [...planned].map(([gateway, sets]) => {
    const peers = gateway.links.map(({ peer }) => peer.name).filter((name) => names.has(name))
    const keys = [gateway.name, ...peers].map((name): ResourceId => `mesh-keys:${name}/links`)
    const first = [
      `packages:${gateway.name}/mesh` as const,
      ...keys,
      ...(psks.get(gateway) ?? []),
      ...before[gateway.role],
    ]
    return [gateway, chain(sets, first)] as const
  })
  return new Map(rows)
}

/** By role, the sets of other gateways that come first. */
function earlier(planned: Planned): Readonly<Record<Gateway['role'], readonly ResourceId[]>> {
  const of = (role: Gateway['role']) =>
    [...planned].flatMap(([gateway, sets]) => (gateway.role === role ? sets.map(idOf) : []))
  const spokes = of('spoke')
  return { spoke: [], hub: spokes, bypass: [...spokes, ...of('hub')] }
}

/** Each after the one before it: nothing is forwarded before the firewall stands, nor announced before packets get on. */
function chain(sets: readonly FileSet[], first: readonly ResourceId[]): readonly FileSet[] {
  return sets.map((set, at) => {
    const previous = sets[at - 1]
    return { ...set, needs: [...(set.needs ?? []), ...(previous ? [idOf(previous)] : first)] }
  })
}

const HINT = 'after this run: orion mesh apply again'

/** Whether what this run shall do at once are the tunnels to the bypass as well, or all but those. Decided once. */
export type Turn = (outside: Outside) => Promise<boolean>

/**
 * True where this run changes something that is there of the hub (`hub`: its resources without the tunnels to the bypass): then all
 * that belongs to the bypass waits for the next run, on both ends, so that one of the two ways is always as it was.
 */
export function turnOf(hub: readonly Resource[]): Turn {
  let deciding: Promise<boolean> | undefined
  return (outside) => {
    deciding ??= isChanging(hub, outside)
    return deciding
  }
}

/** A hub that cannot be looked at is a problem of its own step, which lets nothing be applied. */
async function isChanging(hub: readonly Resource[], outside: Outside): Promise<boolean> {
  const looks = hub.map(async (resource) => {
    const have = await resource.observe(outside)
    return have !== undefined && resource.diff(have).some(({ waits }) => waits === undefined)
  })
  const results = await Promise.allSettled(looks)
  return results.some((one) => one.status === 'fulfilled' && one.value)
}

/**
 * A resource of which a part, or all, waits for the next run where `turn` says so. `now`: the same without what waits; undefined =
 * all of it waits. What is not there yet is made.
 */
export function inTurns<Have>(whole: Resource<Have>, now: Resource<Have> | undefined, turn: Turn): Resource<Have> {
  let current = whole
  let isHeld = false
  return {
    ...whole,
    observe: async (outside) => {
      isHeld = await turn(outside)
      current = (isHeld ? now : undefined) ?? whole
      return await current.observe(outside)
    },
    diff: (have) => {
      const all = current.diff(have)
      if (!isHeld || have === undefined) return all
      if (now === undefined) return all.map(toLater)
      const done = new Set(all.map(toKey))
      return [
        ...all,
        ...whole
          .diff(have)
          .filter((one) => !done.has(toKey(one)))
          .map(toLater),
      ]
    },
    create: (outside, note) => current.create(outside, note),
    update: (outside, have, note) => current.update(outside, have, note),
  }
}

const toKey = ({ field, want }: Difference): string => JSON.stringify([field, want])

function toLater(difference: Difference): Difference {
  if (difference.waits !== undefined || difference.immutable) return difference
  const { disrupts: _, ...rest } = difference
  return { ...rest, waits: 'turn', hint: HINT }
}
