// What there is: one node over SSH and its whole cluster over the API, read as plain data. Changes nothing.
import { OrionError } from '../errors.ts'
import type { Outside } from '../resource.ts'
import { wishOf } from '../resources/host-facts.ts'
import type { Discovery } from '../site/discovery.ts'
import { coresLook } from './cores/look.ts'
import { clusterOf, type FoundCluster } from './discovery-cluster.ts'
import { devicesOf, isWhole, lookFacts, systemOf } from './discovery-look.ts'
import { networkFacts, networkOf } from './discovery-network.ts'
import { machineFacts } from './gpu/machine-read.ts'

/**
 * Everything about a node; `node` is its hostname, and `outside` reaches its API (pvesh will do) and the host of this name.
 * One round trip over SSH, and one request per guest. Errors: those of Host; E_PVE_* where the cluster does not answer.
 */
export async function discoverNode(outside: Outside, node: string): Promise<Discovery> {
  const host = await outside.host(node)
  const wish = wishOf([lookFacts(), networkFacts, machineFacts(), coresLook])
  const [seen, ends, cluster] = await Promise.all([host.read(wish), host.ends(), readCluster(outside, node)])
  const gaps = isWhole(seen) ? [] : [`${node} did not tell everything about its ports, memory and devices`]
  return {
    node,
    address: ends.server,
    ...cluster,
    ...networkOf(seen),
    ...systemOf(seen, node),
    devices: devicesOf(seen),
    gaps: [...cluster.gaps, ...gaps],
  }
}

async function readCluster(outside: Outside, node: string): Promise<FoundCluster> {
  try {
    return await clusterOf(outside.pve.cluster(node), node)
  } catch (error) {
    if (!(error instanceof OrionError) || error.code !== 'E_PVE_ANSWER') throw error
    throw new OrionError(`The Proxmox VE of ${node} does not answer: ${error.message}`, {
      code: error.code,
      cause: error,
      suggestions: [`on ${node}, as root: pvesh get /version`, ...error.suggestions],
    })
  }
}
