// The preshared keys of a gateway's links as the program orion-mesh-psk tells of them: names of keys, never a key.
import type { Host } from '../host/host.ts'
import { type Facts, readAnew, said } from './host-facts.ts'

/** One end of a link. */
export interface PskEnd {
  /** Node or guest of the site file. */
  readonly host: string
  readonly interface: string
  /** Of all interfaces of this host: the same for each of its links, so that they share one read. */
  readonly look: Facts & { readonly commands: Readonly<Record<string, readonly string[]>> }
}

/** A link between two gateways whose ends share a secret. */
export interface PskLink {
  /** Both names, `fra-1~kel-1`. */
  readonly id: string
  readonly site: string
  /** The initiator of an exchange first. */
  readonly ends: readonly [PskEnd, PskEnd]
  /** Text of orion-mesh-psk. */
  readonly program: string
  /** False: where a host cannot, the link has no preshared key. */
  readonly required: boolean
}

export type Two<T> = readonly [T, T]

/** What there is at one end. Ids are hashes of keys: equal ids, equal keys. */
export interface PskState {
  readonly isUp: boolean
  /** `ml-kem-768`; absent where there is no key. */
  readonly kind?: string
  /** When it was made; seconds since the epoch. */
  readonly at?: number
  readonly id?: string
  /** While a rotation is open: the key before it, `none` = there was none. */
  readonly old?: string
  /** Staged. */
  readonly staged?: string
  /** WireGuard's own public keys: of this end, and of the other as this end has it. */
  readonly key?: string
  readonly peer?: string
  /** A rotation of WireGuard's own key pair is open. */
  readonly isPairOpen: boolean
  /** Which one the watch of an open rotation lets WireGuard use now. */
  readonly live: 'new' | 'old'
  /** Seconds by the host's clock: when the open rotation began here, the newest handshake (0 = none yet), and now. */
  readonly applied?: number
  readonly handshake: number
  readonly now: number
}

/** A host, and each of its interfaces that was asked about. */
export interface PskLook {
  /** `3.5.7`; undefined = there is no OpenSSL. */
  readonly openssl?: string
  readonly hasKem: boolean
  readonly states: ReadonlyMap<string, PskState>
}

const LOOK = 'mesh-psk'

/** What is asked of a host with these interfaces. */
export function pskFacts(program: string, interfaces: readonly string[]): PskEnd['look'] {
  return { commands: { [LOOK]: ['sh', '-c', program, 'orion-mesh-psk', 'look', ...interfaces] } }
}

/** What is there at an end; shared until the host forgets, and read by all links of a host together. */
export async function lookShared(host: Host, _: PskLink, { look }: PskEnd): Promise<PskLook> {
  // A key of its own: as text the question is as long as the program, and a full mesh asks it once for each link.
  return host.once('mesh-psk look', async () => parseLook(said(await readAnew(host, look), LOOK) ?? ''))
}

/** The same of a link's two ends, now. */
export async function lookBoth([one, other]: Two<Host>, link: PskLink): Promise<Two<PskState>> {
  return Promise.all([lookNow(one, link, link.ends[0]), lookNow(other, link, link.ends[1])])
}

/** The same of one end. */
export async function lookNow(host: Host, link: PskLink, end: PskEnd): Promise<PskState> {
  return stateOf(await lookAlone(host, link, end), end)
}

/** What the host of one end says of itself and of this link, now. */
export async function lookAlone(host: Host, { program }: PskLink, end: PskEnd): Promise<PskLook> {
  return parseLook(said(await readAnew(host, pskFacts(program, [end.interface])), LOOK) ?? '')
}

/** Nothing is there where nothing was said. */
export function stateOf(look: PskLook, end: PskEnd): PskState {
  return look.states.get(end.interface) ?? parseState('')
}

/** A rotation was begun at this end and is neither finished nor taken back. */
export function isOpen(state: PskState): boolean {
  return state.old !== undefined || state.isPairOpen
}

/** Lines `openssl=… kem=…` and `INTERFACE name=value …`; a value `-` is none. Pure. */
export function parseLook(text: string): PskLook {
  const [head = '', ...lines] = text.split('\n')
  const { openssl, kem } = wordsOf(head)
  const rows = lines.filter((line) => line !== '').map((line) => [line.split(' ')[0] ?? '', parseState(line)] as const)
  return { ...(openssl && { openssl }), hasKem: kem === 'yes', states: new Map(rows) }
}

function parseState(line: string): PskState {
  const words = wordsOf(line)
  const { kind, id, old, new: staged, key, peer } = words
  const number = (name: string) => (words[name] === undefined ? undefined : Number(words[name]))
  const [at, applied] = [number('at'), number('applied')]
  return {
    isUp: words.interface === 'up',
    ...(kind && { kind }),
    ...(at !== undefined && { at }),
    ...(id && { id }),
    ...(old && { old }),
    ...(staged && { staged }),
    ...(key && { key }),
    ...(peer && { peer }),
    isPairOpen: words.pair === 'open',
    live: words.live === 'old' ? 'old' : 'new',
    ...(applied !== undefined && { applied }),
    handshake: number('handshake') ?? 0,
    now: number('now') ?? 0,
  }
}

function wordsOf(line: string): Partial<Record<string, string>> {
  const pairs = [...line.matchAll(/(?:^| )([a-z]+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value] as const)
  return Object.fromEntries(pairs.filter(([, value]) => value !== '-'))
}
