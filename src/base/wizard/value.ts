// A site file as plain data while it is being made: reads and writes by path, never in place.
export type Value = unknown
export type Path = readonly (string | number)[]

/** The value at a path; undefined where there is none. Own keys only: a name such as `constructor` is a name. */
export function get(value: Value, path: Path): Value {
  return path.reduce<Value>(child, value)
}

const child = (value: Value, part: string | number): Value =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, part) ? Reflect.get(value, part) : undefined

/** A copy with `to` at the path; undefined takes the key away. Maps on the way are made where there are none. */
export function set(value: Value, path: Path, to: Value): Value {
  const [part, ...rest] = path
  if (part === undefined) return to
  const inner = set(child(value, part), rest, to)
  if (Array.isArray(value))
    return value.flatMap((one, at) => (at !== Number(part) ? [one] : inner === undefined ? [] : [inner]))
  const entries = Object.entries(isMap(value) ? value : {})
  const isNew = !entries.some(([key]) => key === part)
  const changed = entries.flatMap(([key, one]) => (key === part ? present(key, inner) : [[key, one] as const]))
  return toMap(isNew ? [...changed, ...present(String(part), inner)] : changed)
}

const present = (key: string, value: Value): (readonly [string, Value])[] => (value === undefined ? [] : [[key, value]])

/** As Object.fromEntries, where `__proto__` is a key like any other. */
export const toMap = (entries: Iterable<readonly [string, Value]>): Record<string, Value> => Object.fromEntries(entries)

export const isMap = (value: Value): value is Readonly<Record<string, Value>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The keys of the map at a path; none where there is no map. */
export function keysOf(value: Value, ...path: Path): readonly string[] {
  const map = get(value, path)
  return isMap(map) ? Object.keys(map) : []
}

/** The text at a path; a number as text. undefined for everything else. */
export function textAt(value: Value, ...path: Path): string | undefined {
  const found = get(value, path)
  return typeof found === 'string' || typeof found === 'number' ? String(found) : undefined
}

/** One or several texts, as a list. */
export function listAt(value: Value, ...path: Path): readonly string[] {
  const found = get(value, path)
  const list = Array.isArray(found) ? found : [found]
  return list.filter((one): one is string => typeof one === 'string')
}

/** Every path that a pattern (`*` = any key) fits. */
export function pathsOf(value: Value, pattern: Path): Path[] {
  const [part, ...rest] = pattern
  if (part === undefined) return value === undefined ? [] : [[]]
  const keys =
    part !== '*' ? [part] : Array.isArray(value) ? value.map((_, at) => at) : isMap(value) ? Object.keys(value) : []
  return keys.flatMap((key) => pathsOf(child(value, key), rest).map((path) => [key, ...path]))
}
