// The running state of one guest alone, for `orion vm start` and `orion vm stop`: nothing else of it is compared or changed.
import { OrionError } from '../errors.ts'
import type { Resource } from '../resource.ts'
import type { Guest, Site } from '../site/site.ts'
import { startGuest, stopGuest } from './guest-power.ts'
import { type GuestState, readGuest, waitUnlocked } from './guest-state.ts'

export type Power = 'running' | 'stopped'

/**
 * A guest that exists and is ours, running or stopped. An absent guest is an error and not created here: E_PLAN.
 * A stop asks the guest to shut down, and stops it hard only after its time for that.
 */
export function power(site: Site, guest: Guest, want: Power): Resource<GuestState> {
  const place = `${guest.node}/${guest.vmid}`
  const absent = () =>
    new OrionError(`${guest.name} (${place}) does not exist yet`, {
      code: 'E_PLAN',
      suggestions: [`create it first: orion vm apply --only ${guest.name}`],
    })
  return {
    id: `power:${place}`,
    title: guest.name,
    needs: [],
    observe: async (outside) => {
      const have = await readGuest(site, guest, outside)
      if (have === undefined) throw absent()
      return have
    },
    diff: (have) => {
      const now: Power = have?.running ? 'running' : 'stopped'
      return now === want ? [] : [{ field: 'status', have: now, want }]
    },
    create: () => Promise.reject(absent()),
    update: async (outside, have, note) => {
      await waitUnlocked(guest, have.node, outside, have)
      const change = want === 'running' ? startGuest : stopGuest
      await change(guest, have.node, { outside, note })
    },
    remove: () => Promise.resolve(),
  }
}
