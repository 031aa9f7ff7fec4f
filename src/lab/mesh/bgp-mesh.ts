// BGP of the lab's mesh, worked out from the configurations that its BIRDs run with: who has a session, and what each one learns.
import type { Machine } from '../host/machine.ts'
import type { BirdState } from '../host/state.ts'
import { type BirdConfig, type BirdProtocol, birdVersionOf, readKept } from '../router/bird-config.ts'
import { type End, endOf, farOf, isJoined } from './wire.ts'

/** A BGP session as one end has it configured. */
export interface Session {
  readonly protocol: BirdProtocol
  readonly interface: string
  readonly neighbor: string
  readonly asn: string
}

interface Speaker {
  readonly machine: Machine
  readonly config: BirdConfig
  readonly asn: string
  readonly sessions: readonly Session[]
  /** Own prefixes by the kind of the protocol that has them: address, routes, clients. */
  readonly own: ReadonlyMap<string, string>
}

interface Path {
  readonly preference: number
  /** AS numbers, the neighbour's first. */
  readonly asns: readonly string[]
  /** A link on it is drained. */
  readonly isDrained: boolean
  readonly interface: string
}

/** Best paths by prefix. */
export type Rib = Map<string, Path>

const ROUNDS = 32

/** Read once for each configuration: many ask. */
const configs = new WeakMap<BirdState, { readonly text: string; readonly config: BirdConfig }>()

/** The configuration that the mesh's BIRD of a host runs with; undefined = it does not run. */
export function runningConfig({ host }: Machine): BirdConfig | undefined {
  const bird = host.mesh?.bird
  if (bird === undefined || bird.config === '') return undefined
  const known = configs.get(bird)
  if (known?.text === bird.config) return known.config
  const config = readKept(bird.config, birdVersionOf(host) ?? '')
  configs.set(bird, { text: bird.config, config })
  return config
}

export function sessionsOf(config: BirdConfig): Session[] {
  return config.protocols.flatMap((protocol) => {
    const line = protocol.statements.find((one) => one.startsWith('neighbor ')) ?? ''
    const [, neighbor = '', name = '', asn = ''] = /^neighbor (\S+) % (\S+) port 1790 as (\w+)$/.exec(line) ?? []
    return protocol.type === 'bgp' ? [{ protocol, interface: name, neighbor, asn: definedAs(config, asn) }] : []
  })
}

const definedAs = ({ defines }: BirdConfig, text: string): string => defines.get(text) ?? text

/** Does a session stand? Both ends run, hear each other, and have each other's AS number. */
export function isEstablished(machine: Machine, session: Session): boolean {
  return neighbourOf(machine, session) !== undefined
}

function neighbourOf(machine: Machine, session: Session): { readonly end: End; readonly session: Session } | undefined {
  const end = endOf(machine, session.interface)
  const far = end && isJoined(end) ? farOf(end) : undefined
  const config = far && runningConfig(far.machine)
  if (far === undefined || config === undefined || asnOf(config) !== session.asn) return undefined
  const other = sessionsOf(config).find((one) => one.interface === far.name)
  const own = runningConfig(machine)
  return other !== undefined && own !== undefined && other.asn === asnOf(own) ? { end: far, session: other } : undefined
}

const asnOf = (config: BirdConfig): string => definedAs(config, 'ASN')

/** What every host of the lab has learned, as long as nothing changes. By the host's name. */
export function ribsOf(machines: readonly Machine[]): ReadonlyMap<string, Rib> {
  const speakers = new Map(machines.flatMap((machine) => speakerOf(machine).map((one) => [machine.node, one] as const)))
  let ribs = new Map([...speakers.keys()].map((name): [string, Rib] => [name, new Map()]))
  for (let round = 0; round < ROUNDS; round += 1) {
    const next = new Map([...speakers].map(([name, speaker]): [string, Rib] => [name, learn(speaker, speakers, ribs)]))
    if (textOf(next) === textOf(ribs)) break
    ribs = next
  }
  return ribs
}

function textOf(ribs: ReadonlyMap<string, Rib>): string {
  return JSON.stringify([...ribs].map(([name, rib]) => [name, [...rib].sort(([a], [b]) => (a < b ? -1 : 1))]))
}

/** Its own prefixes and sessions; [] where its BIRD does not run. */
function speakerOf(machine: Machine): Speaker[] {
  const config = runningConfig(machine)
  if (config === undefined) return []
  const own = config.protocols
    .filter(({ type }) => type === 'static')
    .flatMap(({ name, statements }) =>
      statements.flatMap((one) => {
        const prefix = /^route (\S+ \/ \d+) unreachable$/.exec(one)?.[1]?.replaceAll(' ', '')
        return prefix === undefined ? [] : [[prefix, name.replace(/[46]$/, '')] as const]
      }),
    )
  return [{ machine, config, asn: asnOf(config), sessions: sessionsOf(config), own: new Map(own) }]
}

function learn(speaker: Speaker, speakers: ReadonlyMap<string, Speaker>, ribs: ReadonlyMap<string, Rib>): Rib {
  const best: Rib = new Map()
  for (const session of speaker.sessions) {
    const far = neighbourOf(speaker.machine, session)
    const other = far && speakers.get(far.end.machine.node)
    if (far === undefined || other === undefined) continue
    for (const { prefix, asns, drained } of offered(other, far.session, ribs.get(other.machine.node) ?? new Map())) {
      const { preference, isDrained } = taken(speaker, session, { prefix, asns, drained }) ?? {}
      if (preference === undefined || isDrained === undefined || speaker.own.has(prefix)) continue
      const path = { preference, asns, isDrained, interface: session.interface }
      const before = best.get(prefix)
      if (before === undefined || isBetter(path, before)) best.set(prefix, path)
    }
  }
  return best
}

function isBetter(path: Path, than: Path): boolean {
  if (path.preference !== than.preference) return path.preference > than.preference
  if (path.asns.length !== than.asns.length) return path.asns.length < than.asns.length
  return Number(path.asns[0]) < Number(than.asns[0])
}

interface Offer {
  readonly prefix: string
  readonly asns: readonly string[]
  readonly drained: boolean
}

/** `export filter { giveN ( OPENS , DRAIN ) ; }` of a session. */
function offered({ config, asn, own }: Speaker, { protocol }: Session, rib: Rib): Offer[] {
  const weight = Number(definedAs(config, 'WEIGHT'))
  return ([4, 6] as const).flatMap((family) => {
    const call = new RegExp(`^ipv${family} export filter give${family} \\( (\\w+) , (\\w+) \\) ;$`)
    const [, opens, drain = ''] = protocol.statements.map((one) => call.exec(one)).find((one) => one) ?? []
    if (opens === undefined) return []
    const drained = definedAs(config, drain) === '1'
    const isMine = (prefix: string) => prefix.includes(':') === (family === 6)
    const least = { address: 0, routes: Number(opens), clients: 100 } as Readonly<Record<string, number>>
    const ours = [...own].filter(([prefix, kind]) => isMine(prefix) && weight >= (least[kind] ?? 101))
    const passes = weight >= 100 && (config.functions.get(`give${family}`) ?? '').includes('source != RTS_BGP')
    const others = passes ? [...rib].filter(([prefix]) => isMine(prefix)) : []
    return [
      ...ours.map(([prefix]) => ({ prefix, asns: [asn], drained })),
      ...others.map(([prefix, path]) => ({ prefix, asns: [asn, ...path.asns], drained: drained || path.isDrained })),
    ]
  })
}

/** The preference that `import filter { takeN ( OWN , OTHERS , DRAIN ) ; }` gives, and the community, which is passed on; undefined = refused. */
function taken(
  { config, asn }: Speaker,
  { protocol }: Session,
  { prefix, asns, drained }: Offer,
): Pick<Path, 'preference' | 'isDrained'> | undefined {
  const family = prefix.includes(':') ? 6 : 4
  const call = new RegExp(`^ipv${family} import filter take${family} \\( (\\w+) , (\\w+) , (\\w+) \\) ;$`)
  const [, own = '0', others = '0', drain = ''] =
    protocol.statements.map((one) => call.exec(one)).find((one) => one) ?? []
  const isOwners =
    ownersOf(config, family)
      .get(asns.at(-1) ?? '')
      ?.has(prefix) ?? false
  if (asns.includes(asn) || !isOwners || (asns.length > 1 && others === '0')) return undefined
  if (drained || definedAs(config, drain) === '1') return { preference: 0, isDrained: true }
  return { preference: Number(asns.length > 1 ? others : own), isDrained: false }
}

/** Whose prefixes are whose, in the words of `takeN`. */
function ownersOf({ functions }: BirdConfig, family: 4 | 6): ReadonlyMap<string, ReadonlySet<string>> {
  const rows = (functions.get(`take${family}`) ?? '').matchAll(/(\d+) : \{ if net !~ \[ ([^\]]*) \] then reject/g)
  return new Map(
    [...rows].map(([, asn = '', list = '']) => [asn, new Set(list.replaceAll(' ', '').split(','))] as const),
  )
}

/** Prefixes that a host announces as its own. */
export function announcedBy(machine: Machine): readonly string[] {
  return speakerOf(machine).flatMap((speaker) => [...speaker.own.keys()])
}
