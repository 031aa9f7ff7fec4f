// Things by a key, in one pass.

/** Things by name; of two with one name the first one (the second is reported by the rule on names). */
export function byName<T extends { readonly name: string }>(things: readonly T[]): ReadonlyMap<string, T> {
  const map = new Map<string, T>()
  for (const thing of things) if (!map.has(thing.name)) map.set(thing.name, thing)
  return map
}

/** Things in groups of one key, in their own order. */
export function groupBy<T, K>(things: Iterable<T>, keyOf: (thing: T) => K): ReadonlyMap<K, readonly T[]> {
  const map = new Map<K, T[]>()
  for (const thing of things) {
    const key = keyOf(thing)
    const group = map.get(key)
    if (group === undefined) map.set(key, [thing])
    else group.push(thing)
  }
  return map
}
