// Proof that a node of the site is a member of its cluster and online.
import type { Outside, Probe, ProbeResult } from '../resource.ts'

export function nodeOnline(node: string): Probe {
  const expected = 'online'
  const run = async (outside: Outside): Promise<ProbeResult> => {
    const cluster = outside.pve.cluster(node)
    const rows = await cluster.once('nodes', () => cluster.api.nodes.$get())
    const seen = rows.find((row) => row.node === node)?.status ?? 'not a node of the cluster'
    if (seen === 'online') return { state: 'ok', expected, seen }
    const hint = 'the name in the site file must be the name of the node in Proxmox VE'
    return { state: 'failed', expected, seen, ...(seen === 'offline' ? {} : { hint }) }
  }
  return { id: `node-online:${node}`, title: node, run }
}
