// Proof that a guest runs where it should. Reads only what all guests share.
import type { Outside, Probe, ProbeResult } from '../resource.ts'
import type { Guest } from '../site/site.ts'

/** What is seen of a guest; `ours` is false for another one on its VMID. */
export interface SeenGuest {
  readonly name: string
  readonly node: string
  readonly status: string
  readonly ours: boolean
  /** Since its start, where it runs. */
  readonly uptimeSeconds?: number
}

export interface GuestLook {
  /** Undefined where there is no guest. */
  look(outside: Outside): Promise<SeenGuest | undefined>
  /** When it was stopped, ISO 8601; undefined where nobody remembers. Asked only of one that should run and does not. */
  stopped?(outside: Outside, node: string): Promise<string | undefined>
}

/** A guest that should run is failed where it does not; one that need not is as it is. */
export function guestRunning(guest: Guest, { look, stopped }: GuestLook): Probe {
  const run = async (outside: Outside) => {
    const found = await look(outside)
    const result = judge(guest, found)
    const isDown = found?.ours === true && result.state === 'failed'
    const since = isDown ? await stopped?.(outside, found.node).catch(nobodyKnows) : startOf(found)
    return { ...result, ...(since === undefined ? {} : { since }) }
  }
  return { id: `guest-state:${guest.node}/${guest.vmid}`, title: guest.name, run }
}

/** That it does not run is worth more than since when. */
const nobodyKnows = () => undefined

const startOf = (found: SeenGuest | undefined): string | undefined =>
  found?.ours && found.uptimeSeconds ? new Date(Date.now() - 1000 * found.uptimeSeconds).toISOString() : undefined

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
