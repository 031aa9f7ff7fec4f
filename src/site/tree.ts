// From YAML nodes to plain data that remembers where each value stood. Linear in the size of the file, whatever it holds.
import type { Node, Pair, ParsedNode, Document as YamlDocument } from 'yaml'
import { isAlias, isMap, isPair, isScalar, isSeq } from 'yaml'
import { plain, show } from './finding.ts'
import { namesSecret, secretsOf } from './mask.ts'
import { type Range, rangeOf } from './range.ts'
import type { Path } from './site.ts'

/** Where a value stands, and its key where it has one. */
interface Origin {
  readonly key?: Range
  readonly value: Range
}

/** A mistake in the tree itself; `range` because a key that stands twice has no path of its own. */
interface Flaw {
  readonly path: Path
  readonly message: string
  readonly range: Range
}

export interface Tree {
  readonly value: unknown
  /** For each map and list of `value`: where its entries stand. */
  readonly origins: WeakMap<object, ReadonlyMap<string | number, Origin>>
  readonly flaws: readonly Flaw[]
  /** Values that look like secrets, wherever they stand: never to be shown. */
  readonly secrets: readonly Range[]
}

/** A site file is six levels deep; a thousand would only exhaust the stack. */
const MAX_DEPTH = 50
/** Nodes that aliases may repeat in all: anchors that expand without end stop here. */
const MAX_REPEATED = 500_000
/** Names that would reach into JavaScript's own objects. */
const RESERVED = new Set(['__proto__', 'constructor', 'prototype'])

interface Walk {
  readonly text: string
  readonly origins: WeakMap<object, Map<string | number, Origin>>
  readonly flaws: Flaw[]
  readonly secrets: Range[]
  readonly anchors: Map<string, Node>
  readonly open: Set<Node>
  repeating: boolean
  repeated: number
  exhausted: boolean
}

/** Plain data of a parsed document: maps without a prototype, lists, and YAML 1.2's scalars. */
export function readTree(document: YamlDocument.Parsed<ParsedNode>, text: string): Tree {
  const walk: Walk = {
    text,
    origins: new WeakMap(),
    flaws: [],
    secrets: [],
    anchors: new Map(),
    open: new Set(),
    repeating: false,
    repeated: 0,
    exhausted: false,
  }
  const value = convert(walk, document.contents, [])
  return { value, origins: walk.origins, flaws: walk.flaws, secrets: walk.secrets }
}

function convert(walk: Walk, node: unknown, path: Path): unknown {
  if (isAlias(node)) return follow(walk, node.source, rangeOf(node), path)
  if (!isScalar(node) && !isMap(node) && !isSeq(node)) return null
  if (walk.repeating && ++walk.repeated > MAX_REPEATED) return null
  if (node.anchor !== undefined) walk.anchors.set(node.anchor, node)
  if (isScalar(node)) {
    if (typeof node.value === 'string' && node.value.includes('PRIVATE KEY')) walk.secrets.push(rangeOf(node))
    return node.value
  }
  if (path.length >= MAX_DEPTH) return flaw(walk, path, rangeOf(node), 'is nested too deeply')
  walk.open.add(node)
  const value = isMap(node) ? convertMap(walk, node.items, path) : convertList(walk, node.items, path)
  walk.open.delete(node)
  return value
}

function convertList(walk: Walk, items: readonly unknown[], path: Path): unknown[] {
  const list: unknown[] = []
  const origins = new Map<string | number, Origin>()
  walk.origins.set(list, origins)
  for (const [index, item] of items.entries()) {
    // `[a: 1]` is a list with a map of one entry.
    const value = isPair(item) ? convertMap(walk, [item], [...path, index]) : convert(walk, item, [...path, index])
    list.push(value)
    origins.set(index, { value: isPair(item) ? rangeOf(item.key) : rangeOf(item) })
  }
  return list
}

function convertMap(walk: Walk, pairs: readonly Pair[], path: Path): Record<string, unknown> {
  const map: Record<string, unknown> = Object.create(null)
  const origins = new Map<string | number, Origin>()
  walk.origins.set(map, origins)
  const merges: unknown[] = []
  for (const pair of pairs) {
    const key = keyOf(walk, pair, path, origins)
    if (key === undefined) continue
    if (key === '<<') {
      merges.push(pair.value)
      continue
    }
    const keyRange = rangeOf(pair.key)
    map[key] = convert(walk, pair.value, [...path, key])
    const value = rangeOf(pair.value)
    origins.set(key, { key: keyRange, value: value[1] > value[0] ? value : keyRange })
    if (namesSecret(key)) walk.secrets.push(...secretsOf(pair, resolved(walk, pair.value), walk.text))
  }
  for (const source of merges) merge(walk, source, path, map, origins)
  return map
}

/** The key as text; undefined where it cannot be used, which is then a flaw. */
function keyOf(walk: Walk, pair: Pair, path: Path, seen: ReadonlyMap<string | number, Origin>): string | undefined {
  const { key } = pair
  const range = rangeOf(key)
  if (!isScalar(key) || key.value === null || typeof key.value === 'object') {
    flaw(walk, path, range, 'a key must be text')
    return undefined
  }
  const text = typeof key.value === 'string' ? key.value : (key.source ?? String(key.value))
  if (RESERVED.has(text)) flaw(walk, path, range, `${show(text)} cannot be used as a name`)
  else if (seen.has(text)) flaw(walk, [...path, text], range, `the key ${show(text)} stands here twice`)
  else return text
  return undefined
}

/** Entries of `<<`: they stand behind the map's own, and behind those of earlier sources. */
function merge(
  walk: Walk,
  node: unknown,
  path: Path,
  map: Record<string, unknown>,
  origins: Map<string | number, Origin>,
) {
  const value = convert(walk, node, path)
  if (isAlias(node) && !walk.anchors.has(node.source)) return
  for (const source of Array.isArray(value) ? value : [value]) {
    if (typeof source !== 'object' || source === null || Array.isArray(source)) {
      flaw(walk, [...path, '<<'], rangeOf(node), '<< takes a map, or a list of maps')
      continue
    }
    for (const [key, entry] of Object.entries(source)) {
      if (key in map) continue
      map[key] = entry
      const origin = walk.origins.get(source)?.get(key)
      if (origin !== undefined) origins.set(key, origin)
    }
  }
}

function follow(walk: Walk, anchor: string, range: Range, path: Path): unknown {
  const target = walk.anchors.get(anchor)
  if (target === undefined) return flaw(walk, path, range, `no anchor &${plain(anchor)} stands above this alias`)
  if (walk.open.has(target)) return flaw(walk, path, range, `the alias *${plain(anchor)} contains itself`)
  const outer = walk.repeating
  walk.repeating = true
  const value = convert(walk, target, path)
  walk.repeating = outer
  if (!outer && walk.repeated > MAX_REPEATED && !walk.exhausted) {
    flaw(walk, path, range, `aliases repeat more than ${MAX_REPEATED} values up to here`)
    walk.exhausted = true
  }
  return value
}

function resolved(walk: Walk, node: unknown): unknown {
  return isAlias(node) ? walk.anchors.get(node.source) : node
}

function flaw(walk: Walk, path: Path, range: Range, message: string): null {
  // A file that is wrong everywhere is shown where it begins to be.
  if (walk.flaws.length < 1000) walk.flaws.push({ path, range, message })
  return null
}
