// The blocks of bird.conf that are no peer's: names for numbers, prefixes, caches, own routes, the kernel.
import { template } from '../../render.ts'
import { parseIp } from '../../site/ip.ts'
import type { BirdModel, FamilyModel } from './bird-model.ts'
import { addressText, cacheProtocolOf, constantOf, nameText } from './bird-names.ts'
import { has } from './bird-version.ts'
import { type AsnRange, BOGON_ASNS, BOGON_PREFIXES, PRIVATE_ASNS } from './bogons.ts'
import { ORIGIN, REASONS } from './reasons.ts'

type Row<Key extends string, Value = string> = Readonly<Record<Key, Value>>

const renderHead = template<{
  routerId: string
  asn: number
  origins: readonly { symbol: string; number: number }[]
  reasons: readonly { symbol: string; number: number; text: string }[]
  bogonAsns: string
  privateAsns: string
}>('bird/head')
const renderPrefixes = template<{
  family: number
  bogons: readonly Row<'prefix' | 'comma' | 'why'>[]
  never: string
  own: string | undefined
  blackhole: string | undefined
  linked: string | undefined
}>('bird/prefixes')
const renderRefuse = template<Record<never, never>>('bird/refuse')
const renderInclude = template<{ file: string }>('bird/include')
const renderRpki = template<{
  caches: readonly { name: string; remote: string; port: number }[]
  asksForVersion2: boolean
}>('bird/rpki')
const renderRoutes = template<{
  direct: boolean
  families: readonly number[]
  bfd: boolean
  statics: readonly { name: string; what: string; family: number; prefixes: readonly string[] }[]
}>('bird/routes')
const renderKernel = template<{ family: number; learn: boolean; own: boolean; source: string | undefined }>(
  'bird/kernel',
)
const renderFib = template<{ port: number; families: readonly number[] }>('bird/fib')

const FIB_PORT = 1179

export const getRefuse = (): string => renderRefuse({})

export function getHead({ bgp }: BirdModel): string {
  return renderHead({
    routerId: addressText(bgp.routerId),
    asn: bgp.asn,
    origins: Object.entries(ORIGIN).map(([name, number]) => ({ symbol: `FROM_${constantOf(name)}`, number })),
    reasons: REASONS.map(({ name, number, text }) => ({ symbol: constantOf(name), number, text })),
    bogonAsns: rangesText(BOGON_ASNS),
    privateAsns: rangesText(PRIVATE_ASNS),
  })
}

function rangesText(ranges: readonly AsnRange[]): string {
  return ranges.map(([first, last]) => (first === last ? String(first) : `${first}..${last}`)).join(', ')
}

export function getPrefixes({ family, announce, blackhole, linked }: FamilyModel): string {
  const bogons = BOGON_PREFIXES[family]
  const set = (prefixes: readonly string[]) => prefixes.map((prefix) => `${prefix}+`).join(', ')
  return renderPrefixes({
    family,
    bogons: bogons.map(({ prefix, why }, at) => ({ prefix, why, comma: at < bogons.length - 1 ? ',' : '' })),
    never: set(bogons.filter(({ never }) => never).map(({ prefix }) => prefix)),
    own: announce.length === 0 ? undefined : set(announce),
    // In the filters, so that a change of it tells the routes anew, under the new limit.
    blackhole: blackhole.length === 0 ? undefined : blackhole.join(', '),
    linked: linked.length === 0 ? undefined : set(linked),
  })
}

/** Beside bird.conf. A file that is not there is an error of BIRD's. */
export function getIncludes({ bgp }: BirdModel): readonly string[] {
  const files = [
    ...(bgp.peers.some(({ password }) => password !== undefined) ? ['orion-secrets.conf'] : []),
    ...(bgp.peers.length > 0 ? ['orion-drain.conf'] : []),
    ...bgp.peers.filter(({ asSet }) => asSet !== undefined).map(({ name }) => `orion-irr-${nameText(name)}.conf`),
  ]
  return files.length === 0 ? [] : [files.map((file) => renderInclude({ file })).join('')]
}

export function getRpki({ caches, version }: BirdModel): string {
  return renderRpki({
    asksForVersion2: has(version, 'rtrVersion2'),
    caches: caches.map(({ name, address, port }) => ({
      name: cacheProtocolOf(name),
      remote: remoteText(address),
      port,
    })),
  })
}

/** An address, or the name of a host in quotes. Errors: RangeError for what is neither. */
function remoteText(address: string): string {
  const ip = parseIp(address)
  if (ip !== undefined) return addressText(address)
  if (!/^[A-Za-z0-9.-]{1,253}$/.test(address))
    throw new RangeError('the address of an RPKI cache is no address and no name')
  return `"${address}"`
}

export function getRoutes(model: BirdModel): string {
  const { bgp, families, edge } = model
  return renderRoutes({
    direct: needsTable(model),
    families: families.map(({ family }) => family),
    bfd: edge === 'bird' && bgp.peers.some(({ bfd }) => bfd),
    statics: families
      .flatMap(({ family, announce, blackhole }) => [
        {
          name: `own${family}`,
          what: 'What we announce: nothing is, without; and what of it is unused would loop.',
          family,
          prefixes: announce,
        },
        ...(edge === 'bird'
          ? [{ name: `blackhole${family}`, what: 'What providers shall drop (RFC 7999).', family, prefixes: blackhole }]
          : []),
      ])
      .filter(({ prefixes }) => prefixes.length > 0),
  })
}

/** Next hops that are not beside us are looked up in BIRD's own table, which must know what the kernel knows. */
function needsTable({ bgp, edge }: BirdModel): boolean {
  return edge === 'gobgp' || bgp.peers.some(({ multihop }) => multihop !== undefined)
}

export function getKernel(model: BirdModel, { family, announce, source }: FamilyModel): string {
  return renderKernel({ family, learn: needsTable(model), own: announce.length > 0, source })
}

/** GoBGP's routes, for the kernel. */
export function getFib({ families }: BirdModel): string {
  return renderFib({ port: FIB_PORT, families: families.map(({ family }) => family) })
}
