// Which prefixes of the mesh are whose: what a gateway announces, and what it is let to announce by all others.
import { type Cidr, formatNetwork, parseCidr } from '../../site/ip.ts'
import type { Site } from '../../site/site.ts'
import { withLength } from './link-file.ts'
import { type Gateway, getMesh } from './model.ts'

/** Of one family, as CIDRs without host bits. */
export interface Prefixes {
  /** Its own address in the mesh, as /32 or /128. */
  readonly address: readonly string[]
  readonly routes: readonly string[]
  /** Addresses of the clients that dial it. */
  readonly clients: readonly string[]
}

/** Every other gateway asks for them: of a large mesh, once for each. */
const known = new WeakMap<Gateway, Readonly<Record<4 | 6, Prefixes>>>()

/** Of a gateway of this site's model. Pure. */
export function prefixesOf(site: Site, gateway: Gateway, family: 4 | 6): Prefixes {
  const both = known.get(gateway) ?? { 4: prefixesIn(site, gateway, 4), 6: prefixesIn(site, gateway, 6) }
  known.set(gateway, both)
  return both[family]
}

function prefixesIn({ mesh }: Site, gateway: Gateway, family: 4 | 6): Prefixes {
  const dialling = (mesh?.clients ?? []).filter((client) => client.gateway === gateway.name)
  return {
    address: ofFamily([withLength(gateway.address)], family),
    routes: ofFamily(gateway.routes, family),
    clients: ofFamily(
      dialling.map(({ address }) => withLength(address)),
      family,
    ),
  }
}

/** All three. */
export function allOf({ address, routes, clients }: Prefixes): readonly string[] {
  return [...address, ...routes, ...clients]
}

/** Families that any gateway has a prefix of. Pure. */
export function familiesOf(site: Site): readonly (4 | 6)[] {
  const { gateways } = getMesh(site)
  return ([4, 6] as const).filter((family) =>
    gateways.some((gateway) => allOf(prefixesOf(site, gateway, family)).length > 0),
  )
}

// Errors: RangeError: the site file has prefixes here, so another text is a mistake of ours.
function ofFamily(texts: readonly string[], family: 4 | 6): string[] {
  return texts
    .map((text): Cidr => {
      const cidr = parseCidr(text)
      if (cidr === undefined) throw new RangeError('a prefix of the mesh is none')
      return cidr
    })
    .filter((cidr) => cidr.family === family)
    .map(formatNetwork)
}
