// What in a site file names something else in it: taken out with what it names, and renamed with it.
import { get, isMap, keysOf, listAt, type Path, pathsOf, set, toMap, type Value } from './value.ts'

type Kind = 'nodes' | 'guests' | 'networks' | 'storage' | 'images' | 'clusters'

interface Reference {
  readonly at: Path
  readonly to: readonly Kind[]
  /** The key itself is the name, not its value. */
  readonly isKey?: true
  /** So many levels around it go with it. */
  readonly up?: number
}

const REFERENCES: readonly Reference[] = [
  { at: ['nodes', '*', 'cluster'], to: ['clusters'] },
  { at: ['nodes', '*', 'ports', '*'], to: ['networks'], isKey: true },
  { at: ['nodes', '*', 'addresses', '*'], to: ['networks'], isKey: true },
  { at: ['networks', '*', 'router'], to: ['guests'] },
  { at: ['storage', '*', 'nodes'], to: ['nodes'] },
  { at: ['defaults', 'guest', 'node'], to: ['nodes'] },
  { at: ['defaults', 'guest', 'storage'], to: ['storage'] },
  { at: ['defaults', 'guest', 'image'], to: ['images'] },
  { at: ['guests', '*', 'node'], to: ['nodes'], up: 1 },
  { at: ['guests', '*', 'storage'], to: ['storage'] },
  { at: ['guests', '*', 'image'], to: ['images'] },
  { at: ['guests', '*', 'nics', '*'], to: ['networks'], isKey: true },
  { at: ['devices', '*', 'node'], to: ['nodes'], up: 1 },
  { at: ['devices', '*', 'guest'], to: ['guests'] },
  { at: ['devices', '*', 'standby'], to: ['guests'] },
  { at: ['keeper', 'shed'], to: ['guests'] },
  { at: ['keeper', 'balloonIdle'], to: ['guests'] },
  { at: ['firewall', 'router'], to: ['guests'], up: 1 },
  { at: ['firewall', 'allow', '*', 'from'], to: ['networks', 'guests'], up: 1 },
  { at: ['firewall', 'allow', '*', 'to'], to: ['networks', 'guests'], up: 1 },
  { at: ['firewall', 'masquerade'], to: ['networks'] },
  { at: ['bgp', 'router'], to: ['guests'], up: 1 },
  { at: ['mesh', 'gateways', '*'], to: ['nodes', 'guests'], isKey: true },
  { at: ['mesh', 'gateways', '*', 'routes'], to: ['networks'] },
  { at: ['mesh', 'hub'], to: ['nodes', 'guests'] },
  { at: ['mesh', 'direct', '*', '*'], to: ['nodes', 'guests'], up: 1 },
  { at: ['mesh', 'bypass', 'hub'], to: ['nodes', 'guests'], up: 1 },
  { at: ['mesh', 'clients', '*', 'gateway'], to: ['nodes', 'guests'] },
  { at: ['mesh', 'tailscale', 'hosts'], to: ['nodes', 'guests'], up: 1 },
  { at: ['guests', '*', 'replicate', 'to'], to: ['nodes'], up: 1 },
  { at: ['backup', '*', 'storage'], to: ['storage'], up: 1 },
  { at: ['backup', '*', 'guests'], to: ['guests'], up: 1 },
]

/** Sections that mean nothing where nothing is in them any more. */
const NEVER_EMPTY: readonly Path[] = [
  ['networks'],
  ['guests'],
  ['devices'],
  ['storage'],
  ['images'],
  ['clusters'],
  ['firewall', 'masquerade'],
  ['keeper', 'shed'],
  ['keeper', 'balloonIdle'],
  ['mesh', 'direct'],
  ['nodes', '*', 'ports'],
  ['nodes', '*', 'addresses'],
]

/** Without what names something that is not there any more. What goes may take more with it, so until nothing goes. */
export function prune(value: Value): Value {
  const before = withoutUnusedClusters(value)
  const after = REFERENCES.reduce(pruneOne, before)
  const tidy = NEVER_EMPTY.reduce((now, pattern) => pathsOf(now, pattern).reduce(dropEmpty, now), after)
  return JSON.stringify(tidy) === JSON.stringify(value) ? tidy : prune(tidy)
}

/** Takes one thing away, with everything that needs it. */
export const without = (value: Value, path: Path): Value => prune(set(value, path, undefined))

function pruneOne(value: Value, { at, to, isKey, up = 0 }: Reference): Value {
  const isThere = (name: string) => name.includes('/') || to.some((kind) => hasName(value, kind, name))
  // From the last to the first, as what goes from a list moves what is behind it.
  return pathsOf(value, at)
    .reverse()
    .reduce((now, path) => {
      const names = isKey ? [String(path.at(-1))] : listAt(now, ...path)
      const left = names.filter(isThere)
      if (left.length === names.length) return now
      if (left.length > 0) return set(now, path, left)
      return set(now, up === 0 ? path : path.slice(0, -up), undefined)
    }, value)
}

/** `k3s-worker` with a range of ids is k3s-worker-1, -2, … */
function hasName(value: Value, kind: Kind, name: string): boolean {
  const names = keysOf(value, kind)
  if (names.includes(name)) return true
  const group = name.replace(/-\d+$/, '')
  return kind === 'guests' && names.includes(group) && String(get(value, ['guests', group, 'id'])).includes('-')
}

function dropEmpty(value: Value, path: Path): Value {
  const found = get(value, path)
  const isEmpty = Array.isArray(found) ? found.length === 0 : isMap(found) && Object.keys(found).length === 0
  return isEmpty ? set(value, path, undefined) : value
}

/** Clusters in which no node is left. */
function withoutUnusedClusters(value: Value): Value {
  const used = keysOf(value, 'nodes').map((name) => get(value, ['nodes', name, 'cluster']))
  const unused = keysOf(value, 'clusters').filter((name) => !used.includes(name))
  return unused.reduce<Value>((now, name) => set(now, ['clusters', name], undefined), value)
}

/** A node under its own name, and everything that names it. */
export function renameNode(value: Value, from: string, to: string): Value {
  if (from === to) return value
  const renamed = set(value, ['nodes'], renameKey(get(value, ['nodes']), from, to))
  return REFERENCES.filter(({ to: kinds }) => kinds.includes('nodes')).reduce(
    (now, { at, isKey }) =>
      isKey
        ? pathsOf(now, at.slice(0, -1)).reduce((all, path) => set(all, path, renameKey(get(all, path), from, to)), now)
        : pathsOf(now, at).reduce((all, path) => set(all, path, renameText(get(all, path), from, to)), now),
    renamed,
  )
}

function renameKey(map: Value, from: string, to: string): Value {
  if (!isMap(map)) return map
  return toMap(Object.entries(map).map(([key, one]) => [key === from ? to : key, one] as const))
}

const renameText = (value: Value, from: string, to: string): Value =>
  Array.isArray(value) ? value.map((one) => (one === from ? to : one)) : value === from ? to : value
