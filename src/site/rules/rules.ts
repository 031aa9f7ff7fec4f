// Every rule that a site file must satisfy. A rule is a pure function from the finished site to its findings.
import type { Finding, Site } from '../site.ts'
import { addressPlace } from './address-place.ts'
import { addressUse } from './address-use.ts'
import { announcement } from './announcement.ts'
import { backups } from './backup.ts'
import { bgp } from './bgp.ts'
import { bgpAddresses } from './bgp-address.ts'
import { bgpFamilies } from './bgp-family.ts'
import { bgpSessions } from './bgp-session.ts'
import { bgpTransit } from './bgp-transit.ts'
import { blackholes } from './blackhole.ts'
import { bonds } from './bond.ts'
import { bridges } from './bridge.ts'
import { capacity } from './capacity.ts'
import { devices } from './device.ts'
import { federation } from './federation.ts'
import { firewall } from './firewall.ts'
import { isolation } from './firewall-reach.ts'
import { gateways } from './gateway.ts'
import { identity } from './identity.ts'
import { installs } from './install.ts'
import { keeper } from './keeper.ts'
import { kubernetesRanges } from './kubernetes-range.ts'
import { mesh } from './mesh.ts'
import { meshEndpoints } from './mesh-endpoint.ts'
import { meshPorts } from './mesh-port.ts'
import { networks } from './network.ts'
import { nodeGateways } from './node-gateway.ts'
import { isOutsideKnown } from './outside.ts'
import { pinning } from './pinning.ts'
import { prefixes } from './prefix.ts'
import { profiles } from './profile.ts'
import { routers } from './router.ts'
import { routing } from './routing.ts'
import { storages } from './storage.ts'
import { swaps } from './swap.ts'
import { tiers } from './tier.ts'
import { wayOut } from './way-out.ts'

const RULES: readonly ((site: Site) => readonly Finding[])[] = [
  identity,
  networks,
  addressPlace,
  addressUse,
  gateways,
  nodeGateways,
  bonds,
  bridges,
  swaps,
  installs,
  announcement,
  prefixes,
  kubernetesRanges,
  routing,
  routers,
  firewall,
  storages,
  capacity,
  pinning,
  devices,
  profiles,
  bgp,
  bgpAddresses,
  bgpFamilies,
  bgpSessions,
  blackholes,
  mesh,
  meshEndpoints,
  meshPorts,
  federation,
  tiers,
  keeper,
  backups,
]

/** Those that hold something against what lies outside of the site. */
const OUTSIDE_RULES: typeof RULES = [wayOut, isolation, bgpTransit]

/**
 * Everything that is wrong with a site, errors and warnings, each told once, in no order that matters: the reader sorts by line.
 * Takes a site whose texts are well formed and whose names exist (the schema and the shape see to that); what does not parse or
 * names nothing is passed over, never thrown. Time grows linearly with the number of guests, nodes and networks (n log n where ranges are sorted).
 * `earlier` is what the schema and the shape found: what they left out is not held against the rest.
 */
export function checkSite(site: Site, earlier: readonly Finding[] = []): Finding[] {
  const told = new Set<string>()
  const found = RULES.flatMap((rule) => rule(site))
  const outside = isOutsideKnown(site, [...earlier, ...found]) ? OUTSIDE_RULES.flatMap((rule) => rule(site)) : []
  return [...found, ...outside].filter(({ severity, path, message }) => {
    const key = JSON.stringify([severity, path, message])
    if (told.has(key)) return false
    told.add(key)
    return true
  })
}
