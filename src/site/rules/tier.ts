// Rule: the tier of a cluster fits its hardware.
import type { Cluster, Finding, Node, Site } from '../site.ts'
import { formatMib } from './capacity.ts'
import { groupBy } from './lookup.ts'
import { warning } from './verdict.ts'

const LEAST_MIB = { command: 64 * 1024, workhorse: 32 * 1024, edge: 16 * 1024 } as const

/**
 * A cluster has its tier by its best node: one node that meets the minimum (for `command` with dual power too) carries the
 * work of the tier, and smaller ones beside it do no harm. A cluster whose file says nothing about hardware is not judged.
 */
export function tiers(site: Site): Finding[] {
  const nodes = groupBy(site.nodes, ({ cluster }) => cluster)
  return site.clusters.flatMap((cluster) => judge(cluster, nodes.get(cluster.name) ?? []))
}

function judge({ name, tier }: Cluster, nodes: readonly Node[]): Finding[] {
  const known = nodes.filter(({ hardware }) => hardware?.memoryMib !== undefined)
  if (tier === undefined || known.length === 0) return []
  const path = ['clusters', name, 'tier']
  const least = LEAST_MIB[tier]
  const large = known.filter(({ hardware }) => (hardware?.memoryMib ?? 0) >= least)
  if (large.length === 0) {
    const most = Math.max(...known.map(({ hardware }) => hardware?.memoryMib ?? 0))
    return [
      warning(path, `${tier} wants a node with ${formatMib(least)} of memory; ${name} has ${formatMib(most)} at most`),
    ]
  }
  if (tier !== 'command' || large.some(({ hardware }) => hardware?.power === 'dual')) return []
  return [
    warning(
      path,
      `${tier} wants dual power on a node with ${formatMib(least)} of memory; ${name} has none (power: dual)`,
    ),
  ]
}
