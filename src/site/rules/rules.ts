// Every rule that a site file must satisfy. A rule is a pure function from the finished site to its findings.
import type { Finding, Site } from '../site.ts'
import { addressPlace } from './address-place.ts'
import { addressUse } from './address-use.ts'
import { announcement } from './announcement.ts'
import { bgp } from './bgp.ts'
import { bonds } from './bond.ts'
import { bridges } from './bridge.ts'
import { capacity } from './capacity.ts'
import { devices } from './device.ts'
import { federation } from './federation.ts'
import { gateways } from './gateway.ts'
import { identity } from './identity.ts'
import { keeper } from './keeper.ts'
import { kubernetesRanges } from './kubernetes-range.ts'
import { mesh } from './mesh.ts'
import { networks } from './network.ts'
import { nodeGateways } from './node-gateway.ts'
import { pinning } from './pinning.ts'
import { routing } from './routing.ts'
import { storages } from './storage.ts'
import { swaps } from './swap.ts'
import { tiers } from './tier.ts'

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
  announcement,
  kubernetesRanges,
  routing,
  storages,
  capacity,
  pinning,
  devices,
  bgp,
  mesh,
  federation,
  tiers,
  keeper,
]

/**
 * Everything that is wrong with a site, errors and warnings, each told once, in no order that matters: the reader sorts by line.
 * Takes a site whose texts are well formed and whose names exist (the schema and the shape see to that); what does not parse or
 * names nothing is passed over, never thrown. Time grows linearly with the number of guests, nodes and networks (n log n where ranges are sorted).
 */
export function checkSite(site: Site): Finding[] {
  const told = new Set<string>()
  return RULES.flatMap((rule) => rule(site)).filter(({ severity, path, message }) => {
    const key = JSON.stringify([severity, path, message])
    if (told.has(key)) return false
    told.add(key)
    return true
  })
}
