// --only: which resources and probes a pattern means, and what those need. --node, --gateway: which hosts.
import { OrionError } from '../errors.ts'
import type { Probe, Resource, ResourceId } from '../resource.ts'
import { didYouMean } from '../site/nearest.ts'
import type { Site } from '../site/site.ts'
import { toMatcher } from './pattern.ts'

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
  const titles = [...new Set(things.map(({ title }) => title))]
  const some = titles.slice(0, 5)
  const [pattern = '', ...more] = patterns
  const near = more.length === 0 ? didYouMean(pattern, titles) : ''
  return new OrionError(`--only ${patterns.join(' --only ')} fits nothing in this site${near}`, {
    code: 'E_USAGE',
    suggestions: [`names look like ${some.join(', ')}; * stands for anything (quote it)`],
  })
}

/** Errors: E_USAGE for a name that no node of the site has. */
export function refuseUnknownNodes({ name, nodes }: Site, wanted: readonly string[] = []): void {
  refuseUnknown(name, 'node', nodes, wanted)
}

/** Errors: E_USAGE for a name that no gateway of the mesh has. */
export function refuseUnknownGateways({ name, mesh }: Site, wanted: readonly string[] = []): void {
  refuseUnknown(name, 'gateway', mesh?.gateways ?? [], wanted)
}

function refuseUnknown(site: string, kind: string, of: readonly { name: string }[], wanted: readonly string[]): void {
  const known = of.map(({ name }) => name)
  const wrong = wanted.find((name) => !known.includes(name))
  if (wrong === undefined) return
  throw new OrionError(`${site} has no ${kind} named ${wrong}${didYouMean(wrong, known)}`, {
    code: 'E_USAGE',
    suggestions: known.length > 0 ? [`${kind}s are named ${known.slice(0, 8).join(', ')}`] : [],
  })
}
