// Which node of each cluster is worked over, and what certificates it says that the cluster's nodes have.
import { OrionError } from '../errors.ts'
import type { Host } from '../host/host.ts'
import type { Fingerprints } from '../pve/pins.ts'
import type { Site } from '../site/site.ts'
import { refuseUnknownNodes } from './selection.ts'
import type { Session } from './session.ts'

/** A cluster, and the host over which it is reached. */
export interface Reached {
  readonly cluster: string
  /** All of its nodes in the site file. */
  readonly nodes: readonly string[]
  /** The node that answered. */
  readonly node: string
  readonly host: Host
  readonly fingerprints: Fingerprints
}

interface Target {
  readonly cluster: string
  readonly nodes: readonly string[]
  /** In this order. */
  readonly over: readonly string[]
}

/**
 * Every cluster over its first node that can be reached; with `wanted` those of these nodes, over them.
 * Errors: E_HOST_*, E_USAGE, E_PVE_ANSWER; with several clusters, of all that fail, and how to go on without them.
 */
export async function reachClusters(
  { site, outside }: Pick<Session, 'site' | 'outside'>,
  wanted: readonly string[] | undefined,
): Promise<readonly Reached[]> {
  const targets = getTargets(site, wanted)
  const ends = await Promise.allSettled(targets.map((target) => reach(target, outside.host)))
  const reached = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []))
  const failed = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []))
  if (failed.length === 0) return reached
  throw outside.signal.aborted ? failed[0] : unreached(failed, reached)
}

/** One error for all of them. Nothing was changed yet: which clusters to go on with is the operator's choice. */
function unreached(failed: readonly unknown[], reached: readonly Reached[]): unknown {
  const [first, ...more] = failed
  const known = failed.filter((error) => error instanceof OrionError)
  if (!(first instanceof OrionError) || known.length < failed.length) return first
  const others = reached.map(({ node }) => ` --node ${node}`).join('')
  const goOn =
    reached.length === 0 ? [] : [`the clusters that answer, without the rest: orion bootstrap access${others}`]
  if (more.length === 0 && goOn.length === 0) return first
  return new OrionError(known.map(({ message }) => message).join('\n'), {
    code: first.code,
    suggestions: [...new Set([...known.flatMap(({ suggestions }) => suggestions), ...goOn])],
    cause: first,
  })
}

/** Errors: E_USAGE for a node that the site does not have. */
function getTargets(site: Site, wanted: readonly string[] = []): readonly Target[] {
  refuseUnknownNodes(site, wanted)
  return site.clusters.flatMap(({ name: cluster }) => {
    const nodes = site.nodes.filter((node) => node.cluster === cluster).map(({ name }) => name)
    const over = wanted.length === 0 ? nodes : nodes.filter((name) => wanted.includes(name))
    return over.length === 0 ? [] : [{ cluster, nodes, over }]
  })
}

/** A node that is down gives way to the next; one whose key or login is refused does not: somebody has to look at that. */
const DOWN: ReadonlySet<string> = new Set(['E_HOST_UNREACHABLE', 'E_HOST_TIMEOUT', 'E_HOST_LOST'])

async function reach(target: Target, host: (name: string) => Promise<Host>): Promise<Reached> {
  const down: OrionError[] = []
  for (const node of target.over) {
    try {
      return await readCertificates(target, node, await host(node))
    } catch (error) {
      if (!(error instanceof OrionError && DOWN.has(error.code))) throw error
      down.push(error)
    }
  }
  const [first] = down
  if (first !== undefined && down.length === 1) throw first
  throw new OrionError(
    `No node of ${target.cluster} can be reached over SSH\n${down.map(({ message }) => `  ${message}`).join('\n')}`,
    { code: 'E_HOST_UNREACHABLE', suggestions: first?.suggestions ?? [] },
  )
}

/** /etc/pve is the same on all nodes of a cluster: one tells the certificates of all. */
async function readCertificates({ cluster, nodes }: Target, node: string, host: Host): Promise<Reached> {
  const { getPinCommands, parsePins } = await import('../pve/pins.ts')
  const fingerprints = parsePins(nodes, await host.read({ commands: getPinCommands(nodes) }))
  if (fingerprints[node] !== undefined) return { cluster, nodes, node, host, fingerprints }
  throw new OrionError(`${node} does not tell the certificate of its API (/etc/pve/nodes/${node}/pve-ssl.pem)`, {
    code: 'E_PVE_ANSWER',
    suggestions: [
      'Is Proxmox VE installed there, and is the name of the node in the site file its name in Proxmox VE?',
    ],
  })
}

/** A sentence for each node whose certificate its cluster does not have; that of the node that answered is always there. */
export function getUnpinned(reached: readonly Reached[]): readonly string[] {
  return reached.flatMap(({ cluster, nodes, fingerprints }) =>
    nodes
      .filter((node) => fingerprints[node] === undefined)
      .map(
        (node) =>
          `The API certificate of ${node} is not known: ${cluster} has no /etc/pve/nodes/${node}. Is it in this cluster, and is that its name there?`,
      ),
  )
}
