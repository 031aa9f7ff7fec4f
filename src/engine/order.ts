// The order of work: what is needed comes first, and otherwise the order in which it was declared.
import { OrionError } from '../errors.ts'
import type { ResourceId } from '../resource.ts'

export interface Ordered {
  readonly id: ResourceId
  readonly needs: readonly ResourceId[]
}

export interface OrderOptions {
  /** True where only some resources were asked for (--only): a need that is not among them is taken as met. */
  readonly partial?: boolean
}

/**
 * The items so that each comes after all that it needs; a list that is in order already stays as it is.
 * Errors: E_PLAN for an id that stands twice, a need that nobody declares, and needs that run in a circle.
 */
export function getOrder<T extends Ordered>(items: readonly T[], { partial = false }: OrderOptions = {}): T[] {
  const byId = getById(items)
  const order: T[] = []
  const state = new Map<ResourceId, 'open' | 'placed'>()
  for (const item of items) if (!state.has(item.id)) place(item, byId, state, order, partial)
  return order
}

function getById<T extends Ordered>(items: readonly T[]): Map<ResourceId, T> {
  const byId = new Map<ResourceId, T>()
  for (const item of items) {
    if (byId.has(item.id)) throw new OrionError(`${item.id} is declared twice`, { code: 'E_PLAN' })
    byId.set(item.id, item)
  }
  return byId
}

/** Depth first with a stack of its own: a chain of needs may be longer than the call stack is deep. */
function place<T extends Ordered>(
  root: T,
  byId: ReadonlyMap<ResourceId, T>,
  state: Map<ResourceId, 'open' | 'placed'>,
  order: T[],
  partial: boolean,
): void {
  const path = [{ item: root, at: 0 }]
  state.set(root.id, 'open')
  for (let top = path.at(-1); top; top = path.at(-1)) {
    const need = top.item.needs[top.at]
    top.at += 1
    if (need === undefined) {
      state.set(top.item.id, 'placed')
      order.push(top.item)
      path.pop()
      continue
    }
    const found = byId.get(need)
    if (!found && !partial)
      throw new OrionError(`${top.item.id} needs ${need}, which nothing declares`, { code: 'E_PLAN' })
    if (!found || state.get(need) === 'placed') continue
    if (state.get(need) === 'open')
      throw circle(
        path.map(({ item }) => item.id),
        need,
      )
    state.set(need, 'open')
    path.push({ item: found, at: 0 })
  }
}

function circle(path: readonly ResourceId[], need: ResourceId): OrionError {
  const ids = [...path.slice(path.indexOf(need)), need]
  return new OrionError(`these need one another in a circle: ${ids.join(' → ')}`, { code: 'E_PLAN' })
}
