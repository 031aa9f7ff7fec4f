// --only: which resources and probes a pattern means, and what those need. --node: which nodes.
import { OrionError } from '../errors.ts'
import type { Probe, Resource, ResourceId } from '../resource.ts'
import type { Site } from '../site/site.ts'

/** `*` and `?` as in a shell; everything else is literal. A pattern fits a title, an id, or the last part of an id. */
export function toMatcher(patterns: readonly string[]): (id: string, title: string) => boolean {
  const source = (pattern: string) =>
    pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')
  const expressions = patterns.map((pattern) => new RegExp(`^${source(pattern)}$`, 'i'))
  return (id, title) => {
    // A probe's id is the resource's behind what it proves: `as-wanted:vm:r730/200`.
    const names = [id, title, id.slice(id.lastIndexOf('/') + 1), id.slice(id.indexOf(':') + 1)]
    return expressions.some((expression) => names.some((name) => expression.test(name)))
  }
}

/** The resources that the patterns mean, with everything that they need, in the given order. Errors: E_USAGE where nothing fits. */
export function selectResources(resources: readonly Resource[], patterns: readonly string[] = []): readonly Resource[] {
  if (patterns.length === 0) return resources
  const matches = toMatcher(patterns)
  const byId = new Map(resources.map((resource) => [resource.id, resource]))
  const wanted = new Set<ResourceId>()
  const visit = (id: ResourceId): void => {
    if (wanted.has(id)) return
    wanted.add(id)
    for (const need of byId.get(id)?.needs ?? []) visit(need)
  }
  for (const { id, title } of resources) if (matches(id, title)) visit(id)
  if (wanted.size === 0) throw nothingFits(patterns, resources)
  return resources.filter(({ id }) => wanted.has(id))
}

/** The probes that the patterns mean. Errors: E_USAGE where nothing fits. */
export function selectProbes(probes: readonly Probe[], patterns: readonly string[] = []): readonly Probe[] {
  if (patterns.length === 0) return probes
  const matches = toMatcher(patterns)
  const wanted = probes.filter(({ id, title }) => matches(id, title))
  if (wanted.length === 0) throw nothingFits(patterns, probes)
  return wanted
}

function nothingFits(patterns: readonly string[], things: readonly { id: string; title: string }[]): OrionError {
  const some = things.slice(0, 5).map(({ title }) => title)
  return new OrionError(`--only ${patterns.join(' --only ')} fits nothing in this site`, {
    code: 'E_USAGE',
    suggestions: [`names look like ${some.join(', ')}; * stands for anything (quote it)`],
  })
}

/** Errors: E_USAGE for a name that no node of the site has. */
export function refuseUnknownNodes({ name: site, nodes }: Site, wanted: readonly string[] = []): void {
  const known = nodes.map(({ name }) => name)
  const wrong = wanted.find((name) => !known.includes(name))
  if (wrong === undefined) return
  throw new OrionError(`${site} has no node named ${wrong}`, {
    code: 'E_USAGE',
    suggestions: [`nodes are named ${known.slice(0, 8).join(', ')}`],
  })
}
