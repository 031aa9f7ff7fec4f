// One wanted interface as text: templates/net/*.eta filled with what the site file says and, where it says nothing, with what is there.
import { template } from '../../render.ts'
import { parse, type Stanza } from './interfaces-file.ts'
import { type Family, holds } from './interfaces-ip.ts'
import { isManaged, meaning, optionsOf, wordsOf } from './interfaces-options.ts'
import type { Addressing, Wanted } from './interfaces-wanted.ts'

type Maybe<T> = T | undefined

interface PortView {
  readonly auto: boolean
  readonly name: string
  readonly mtu: Maybe<number | string>
}
interface BondView extends PortView {
  readonly slaves: string
  readonly miimon: string
  readonly mode: string
  readonly hashPolicy: Maybe<string>
  readonly primary: Maybe<string>
}
interface AddressView {
  readonly auto: boolean
  readonly name: string
  readonly family: Family
  readonly address: Maybe<string>
  readonly gateway: Maybe<string>
}
interface BridgeView extends PortView {
  readonly address: Maybe<string>
  readonly gateway: Maybe<string>
  readonly ports: string
  readonly stp: string
  readonly forwardDelay: string
  readonly vlanAware: boolean
  readonly vids: string
}

const port = template<PortView>('net/port')
const bond = template<BondView>('net/bond')
const bridge = template<BridgeView>('net/bridge')
const address = template<AddressView>('net/address')

/** A whole file for a host that has none. */
export const emptyFile = template<Record<string, never>>('net/interfaces')

/** What else decides about a stanza. */
export interface Surroundings {
  /** Families of which the site file names a gateway; of the others a gateway that is there stays. */
  readonly gateways: ReadonlySet<Family>
  /** Ports that the site file puts somewhere: a bridge for which it names no port keeps its ports, but not these. */
  readonly ports: ReadonlySet<string>
  /** Every stanza of the file as it was. */
  readonly before: readonly Stanza[]
}

/** The families of which an interface has a stanza: always IPv4 (Proxmox puts the interface's options there), except for pure addresses. */
export function familiesOf(wanted: Wanted): readonly Family[] {
  if (wanted.kind === 'port' || wanted.kind === 'bond') return ['inet']
  const six: readonly Family[] = wanted.addressing.inet6 ? ['inet6'] : []
  return wanted.kind === 'address' && !wanted.addressing.inet && six.length > 0 ? six : ['inet', ...six]
}

/**
 * The stanza of one family. `have` are the ones that are there: equal in what orion owns → the first one as it is, to the byte;
 * else rendered anew with all lines that orion does not own (`post-up …`, comments) after it. `auto`: with its `auto` line.
 */
export function stanzaOf(
  wanted: Wanted,
  family: Family,
  have: readonly Stanza[],
  auto: boolean,
  around: Surroundings,
): string {
  const [first] = have
  const said = saidBy(wanted, have, around)
  const rendered = (start: boolean) => render(wanted, family, said, start, around)
  const plain = isPlain(wanted)
  const kept = have.flatMap(({ body }) => body).filter((line) => !isManaged(line, plain))
  if (first && have.length === 1 && !auto && meaning(first, plain) === meaning(only(rendered(false)), plain)) {
    return [first.raw, ...first.body.map(({ raw }) => raw)].join('\n')
  }
  const text = rendered(auto)
  if (/\\$/m.test(text))
    throw new TypeError(`a value of ${wanted.name} ends in a backslash, which would take in the next line`)
  return [text.trimEnd(), ...kept.map(({ raw }) => raw)].join('\n')
}

/** What an option's values are now, by its name. */
type Said = (option: string) => readonly string[]

/** What the site file leaves open stays as any stanza of this family says, or, for a bridge, of the other: Proxmox writes one with IPv6 alone so. */
function saidBy({ kind, name }: Wanted, have: readonly Stanza[], { before }: Surroundings): Said {
  const others = kind === 'bridge' ? before.filter((stanza) => stanza.name === name) : []
  const values = (stanzas: readonly Stanza[], option: string) => stanzas.flatMap((stanza) => optionsOf(stanza, option))
  return (option) => {
    const own = values(have, option)
    return own.length > 0 ? own : values(others, option)
  }
}

export const isPlain = ({ kind }: Wanted): boolean => kind === 'port' || kind === 'address'

/** The one stanza of a rendered text. */
function only(text: string): Stanza {
  const stanza = parse(text).find((segment) => segment.kind === 'stanza')
  if (!stanza) throw new TypeError('a template of an interface rendered no stanza')
  return stanza
}

function render(wanted: Wanted, family: Family, said: Said, auto: boolean, around: Surroundings): string {
  const { name } = wanted
  const mtu = wanted.mtu ?? said('mtu')[0]
  if (wanted.kind === 'port') return port({ auto, name, mtu })
  if (wanted.kind === 'bond') return bond({ auto, name, mtu, ...bondOptions(wanted.bond, said) })
  const place = placeOf(wanted.addressing[family], family, said, around)
  if (wanted.kind === 'address' || family === 'inet6') return address({ auto, name, family, ...place })
  const old = wordsOf(said('bridge-ports'))
    .filter((name) => !around.ports.has(name))
    .join(' ')
  return bridge({
    auto,
    name,
    ...place,
    ports: wanted.port ?? (old === '' ? 'none' : old),
    stp: said('bridge-stp')[0] ?? 'off',
    forwardDelay: said('bridge-fd')[0] ?? '0',
    vlanAware: wanted.vlanAware,
    vids: said('bridge-vids').join(' ') || '2-4094',
    mtu,
  })
}

function placeOf(want: Addressing | undefined, family: Family, said: Said, { gateways }: Surroundings) {
  const old = want && !gateways.has(family) ? said('gateway').find((one) => holds(want.address, one)) : undefined
  return { address: want?.address, gateway: want?.gateway ?? old }
}

function bondOptions(wanted: Extract<Wanted, { kind: 'bond' }>['bond'], said: Said) {
  return {
    slaves: wanted.ports.join(' '),
    miimon: said('bond-miimon')[0] ?? '100',
    mode: wanted.mode,
    hashPolicy: wanted.hashPolicy,
    primary: wanted.primary,
  }
}

/** Does the stanza hold anything that is not orion's? */
export function hasForeign(stanza: Stanza): boolean {
  return stanza.body.some((line) => !isManaged(line, false))
}
