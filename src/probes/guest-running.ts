// Proof that a guest runs where it should. Reads only what all guests share.
import type { Outside, Probe, ProbeResult } from '../resource.ts'
import type { Guest } from '../site/site.ts'

/** What is seen of a guest; `ours` is false for another one on its VMID. */
export interface SeenGuest {
  readonly name: string
  readonly node: string
  readonly status: string
  readonly ours: boolean
}

/** A guest that should run is failed where it does not; one that need not is as it is. */
export function guestRunning(guest: Guest, look: (outside: Outside) => Promise<SeenGuest | undefined>): Probe {
  const run = async (outside: Outside) => judge(guest, await look(outside))
  return { id: `guest-state:${guest.node}/${guest.vmid}`, title: guest.name, run }
}

function judge(guest: Guest, found: SeenGuest | undefined): ProbeResult {
  const { name, vmid, node, started } = guest
  const expected = started ? 'running' : 'there, running or not'
  if (found === undefined) return { state: 'failed', expected, seen: 'absent', hint: `orion vm apply --only ${name}` }
  if (!found.ours) {
    return {
      state: 'failed',
      expected,
      seen: `VMID ${vmid} is ${found.name}, and not ours`,
      hint: `orion vm plan --only ${name}`,
    }
  }
  const seen = found.node === node ? found.status : `${found.status} on ${found.node}`
  if (started && found.status !== 'running') return { state: 'failed', expected, seen, hint: `orion vm start ${name}` }
  return { state: 'ok', expected, seen }
}
