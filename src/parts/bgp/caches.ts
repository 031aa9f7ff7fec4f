// The caches of validated ROAs that BIRD or GoBGP asks (RTR, RFC 8210), as it has them.
import { type HostFacts, said } from '../../resources/host-facts.ts'
import type { Bgp } from '../../site/services.ts'
import type { Cache } from '../router/rpki.ts'
import { cacheProtocolOf } from './bird-names.ts'
import { parseProtocols } from './birdc-protocols.ts'
import { gobgpCaches, isSameAddress } from './gobgp-routes.ts'

export interface CacheRow {
  readonly name: string
  readonly address: string
  readonly port: string
  /** As BIRD calls it: `Established`, `Transport-Error`, …; of GoBGP `Established` or `Down`. */
  readonly state: string
  /** Validated origins that came from it. */
  readonly roas: number
}

/** [] also where BIRD does not answer. Pure, with sessionFacts. */
export function cachesOf(seen: HostFacts): readonly CacheRow[] {
  const protocols = parseProtocols(said(seen, 'bird-protocols') ?? '').filter(({ kind }) => kind === 'RPKI')
  return protocols.map(({ name, fields, state, channels }) => ({
    name,
    address: fields.get('Cache server') ?? '',
    port: fields.get('Cache port') ?? '',
    state: fields.get('Status') ?? state,
    roas: channels.reduce((sum, { routes }) => sum + (routes.imported ?? 0), 0),
  }))
}

/** What the daemon of the site file has of this cache; undefined where it does not ask it. Pure. */
export function cacheRow(
  { daemon }: Pick<Bgp, 'daemon'>,
  seen: HostFacts,
  { name, address, port }: Cache,
): CacheRow | undefined {
  if (daemon === 'bird') return cachesOf(seen).find((row) => row.name === cacheProtocolOf(name))
  return gobgpCaches(seen).find((row) => row.port === String(port) && isSameAddress(row.address, address))
}
