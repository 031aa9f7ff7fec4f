// Tailscale on a simulated host: what is on its disk, and stays there when it starts anew.
import type { HostState } from '../host/state.ts'

/** As `tailscale debug prefs` names them; Go writes an empty list as null. */
export interface Preferences {
  AdvertiseRoutes: readonly string[] | null
  AdvertiseTags: readonly string[] | null
  /** Takes the tailnet's DNS. */
  CorpDNS: boolean
  /** Takes the routes of others. */
  RouteAll: boolean
}

export interface TailscaleState {
  /** apt has read the lists of Tailscale's packages. */
  listed: boolean
  /** UDP, of the daemon as it was started last. */
  port?: number
  backend: 'NeedsLogin' | 'Running' | 'Stopped'
  prefs: Preferences
}

export const DAEMON = 'tailscaled.service'

export function firstPreferences(): Preferences {
  return { AdvertiseRoutes: null, AdvertiseTags: null, CorpDNS: true, RouteAll: false }
}

/** Made where there is none yet. */
export function tailscaleOf(host: HostState): TailscaleState {
  const tailscale = host.tailscale ?? { listed: false, backend: 'NeedsLogin', prefs: firstPreferences() }
  host.tailscale = tailscale
  return tailscale
}
