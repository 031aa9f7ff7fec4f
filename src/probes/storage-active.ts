// Proof that a storage is active on a node and takes the content that the site file says.
import type { Outside, Probe, ProbeResult } from '../resource.ts'
import type { Storage } from '../site/site.ts'

export function storageActive(node: string, storage: Storage): Probe {
  const expected = `active, with ${storage.content.join(', ')}`
  const run = async (outside: Outside): Promise<ProbeResult> => {
    const cluster = outside.pve.cluster(node)
    const rows = await cluster.once(`storage:${node}`, () => cluster.api.nodes.$(node).storage.$get())
    const found = rows.find((row) => row.storage === storage.name)
    if (found === undefined) return { state: 'failed', expected, seen: 'absent', hint: 'orion bootstrap' }
    const missing = storage.content.filter((content) => !found.content.split(',').includes(content))
    const active = Number(found.active) === 1
    if (!active) return { state: 'failed', expected, seen: 'not active', hint: `pvesm status on ${node} says why` }
    if (missing.length > 0)
      return { state: 'failed', expected, seen: `active, without ${missing.join(', ')}`, hint: 'orion bootstrap' }
    return { state: 'ok', expected, seen: expected }
  }
  return { id: `storage-active:${node}/${storage.name}`, title: storage.name, run }
}
