// Things to manage that live in a Map, and that fail on purpose.
import type { Difference, Note, Outside, Resource, ResourceId } from '../../src/resource.ts'

export type Fields = Readonly<Record<string, string>>

export interface World {
  /** What is there, by id. */
  readonly there: Map<string, Fields>
  /** Every action, in order: `create vm:a/1`. */
  readonly actions: string[]
  readonly outside: Outside
  readonly abort: AbortController
  forgets: number
}

export function makeWorld(there: Readonly<Record<string, Fields>> = {}): World {
  const abort = new AbortController()
  const nobody = (): never => {
    throw new Error('not in this test')
  }
  const forget = () => {
    world.forgets += 1
  }
  const world: World = {
    there: new Map(Object.entries(there)),
    actions: [],
    abort,
    forgets: 0,
    outside: {
      pve: { cluster: nobody, close: async () => {}, forget },
      host: nobody,
      forget,
      signal: abort.signal,
      text: nobody,
      keep: nobody,
    },
  }
  return world
}

export interface ThingOptions {
  readonly title?: string
  readonly needs?: readonly ResourceId[]
  readonly want?: Fields
  readonly immutable?: readonly string[]
  readonly waits?: Readonly<Record<string, 'restart' | 'operator'>>
  /** Called before an action takes effect; may throw or wait. */
  readonly before?: (verb: string, note: Note) => Promise<void> | void
  /** Called after an action took effect; may throw or wait. */
  readonly after?: (verb: string, note: Note) => Promise<void> | void
  /** Called with each look; may throw. */
  readonly look?: () => Promise<void> | void
}

export function thing(world: World, id: ResourceId, options: ThingOptions = {}): Resource<Fields> {
  const { title = id, needs = [], want = { size: '1' }, before, after, look } = options
  const act = async (verb: string, note: Note, effect: () => void) => {
    world.actions.push(`${verb} ${id}`)
    await before?.(verb, note)
    effect()
    await after?.(verb, note)
  }
  return {
    id,
    title,
    needs,
    observe: async () => {
      await look?.()
      return world.there.get(id)
    },
    diff: (have) => Object.keys(want).flatMap((field) => getDifference(field, have?.[field], want[field], options)),
    create: (_, note) => act('create', note, () => world.there.set(id, want)),
    update: (_, have, note) => act('update', note, () => world.there.set(id, { ...have, ...want })),
    remove: (_, _have, note) => act('remove', note, () => world.there.delete(id)),
  }
}

function getDifference(
  field: string,
  have: string | undefined,
  want: string | undefined,
  { immutable = [], waits = {} }: ThingOptions,
): Difference[] {
  if (have === want) return []
  const wait = waits[field]
  return [
    {
      field,
      ...(have === undefined ? {} : { have }),
      ...(want === undefined ? {} : { want }),
      ...(immutable.includes(field) ? { immutable: true as const, hint: `move ${field} by hand` } : {}),
      ...(wait ? { waits: wait } : {}),
    },
  ]
}

/** A promise that somebody else fulfils. */
export function makeGate(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

/** Waits until all that can run now has run. */
export async function settle(): Promise<void> {
  for (let at = 0; at < 20; at += 1) await new Promise((resolve) => setImmediate(resolve))
}
