// Proof that a guest runs where it should. Reads the lists that all guests share.
import type { Outside, Probe, ProbeResult } from '../resource.ts'
import { listGuests } from '../resources/guest-api.ts'
import { carriesMark } from '../resources/guest-identity.ts'
import { clusterGuests } from '../resources/shared-reads.ts'
import type { Guest, Site } from '../site/site.ts'

/** A guest that should run is failed where it does not; one that need not is as it is. */
export function guestRunning(site: Site, guest: Guest): Probe {
  const expected = guest.started ? 'running' : 'there, running or not'
  const run = async (outside: Outside): Promise<ProbeResult> => {
    const cluster = outside.pve.cluster(guest.node)
    const found = (await clusterGuests(cluster)).get(guest.vmid)
    if (found === undefined)
      return { state: 'failed', expected, seen: 'absent', hint: `orion vm apply --only ${guest.name}` }
    const listed = (await listGuests(cluster, found.kind, found.node)).find(({ vmid }) => Number(vmid) === guest.vmid)
    if (found.kind !== guest.kind || !carriesMark(site, listed?.tags ?? '')) return foreign(guest, expected, found.name)
    return judge(guest, { expected, status: listed?.status ?? 'unknown', node: found.node })
  }
  return { id: `guest-running:${guest.node}/${guest.vmid}`, title: guest.name, run }
}

function foreign({ name, vmid }: Guest, expected: string, found: string): ProbeResult {
  return {
    state: 'failed',
    expected,
    seen: `VMID ${vmid} is ${found}, and not ours`,
    hint: `orion vm plan --only ${name}`,
  }
}

function judge(
  guest: Guest,
  { expected, status, node }: { expected: string; status: string; node: string },
): ProbeResult {
  const seen = node === guest.node ? status : `${status} on ${node}`
  if (guest.started && status !== 'running')
    return { state: 'failed', expected, seen, hint: `orion vm start ${guest.name}` }
  return { state: 'ok', expected, seen }
}
