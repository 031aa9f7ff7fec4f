// The table of the mesh's links: handshakes, what passes, and what protects the keys.
import type { ClientLine, EndLine, LinkLine, MeshPage } from './mesh-table.ts'
import type { Look } from './paint.ts'
import { type Column, renderTable } from './table.ts'

/** The table of the links alone; a gateway that did not answer is a line of its own. */
export function renderLinks({ gateway, gateways, links }: MeshPage, look: Look): string {
  const silent = gateways.filter(({ problem }) => problem !== undefined).map(({ name }) => silentRow(name))
  const rows = [...links.map((line) => toRow(line, gateway)), ...silent]
  return rows.length === 0 ? 'No links.' : renderTable(columnsOf(gateway !== undefined), rows, look)
}

interface Row {
  readonly name: string
  readonly line?: LinkLine
  readonly end?: EndLine
  /** Of both ends, the worse. */
  readonly lossPercent?: number
  readonly rttMs?: number
  readonly mtu?: NonNullable<EndLine['mtu']>
}

const silentRow = (name: string): Row => ({ name })

function toRow(line: LinkLine, gateway: string | undefined): Row {
  const { ends } = line
  const own = ends.find((end) => end.gateway === gateway)
  const end = own ?? ends.find(({ endpoint }) => endpoint !== undefined) ?? ends[0]
  const worst = (values: readonly (number | undefined)[]) => {
    const known = values.filter((value) => value !== undefined)
    return known.length === 0 ? undefined : Math.max(...known)
  }
  const [lossPercent, rttMs] = [worst(ends.map((one) => one.lossPercent)), worst(ends.map((one) => one.rttMs))]
  const narrow = ends.toSorted((one, other) => passing(one.mtu) - passing(other.mtu))[0]?.mtu
  return {
    name: gateway === undefined ? line.link : (otherOf(line.link, gateway) ?? line.link),
    line,
    ...(end ? { end } : {}),
    ...(lossPercent === undefined ? {} : { lossPercent }),
    ...(rttMs === undefined ? {} : { rttMs }),
    ...(narrow ? { mtu: narrow } : {}),
  }
}

const otherOf = (link: string, gateway: string) => link.split('~').find((name) => name !== gateway)

/** The largest packet that passes whole. */
function passing(mtu: EndLine['mtu']): number {
  if (mtu === undefined) return Number.POSITIVE_INFINITY
  return Math.min(mtu.set, mtu.inner ?? mtu.set, mtu.outer ?? mtu.set)
}

function columnsOf(isOne: boolean): readonly Column<Row>[] {
  const bgp: Column<Row> = { head: 'BGP', get: getBgp, colour: bgpColour }
  return [
    { head: isOne ? 'PEER' : 'LINK', get: ({ name }) => name, whole: true },
    { head: 'HANDSHAKE', get: getState, colour: ({ line }) => (line?.state === 'fresh' ? 'green' : 'red') },
    { head: 'ENDPOINT', get: ({ end }) => (isOne ? end?.endpoint : hostOf(end?.endpoint)) ?? '-' },
    { head: 'MTU', get: getMtu, right: true, colour: mtuColour },
    {
      head: 'LOSS',
      get: ({ lossPercent }) => (lossPercent === undefined ? '-' : `${lossPercent}%`),
      right: true,
      colour: lossColour,
    },
    {
      head: 'RTT',
      get: ({ rttMs }) => (rttMs === undefined ? '-' : `${Number(rttMs.toPrecision(2))} ms`),
      right: true,
    },
    { head: 'KEY', get: getKey, whole: true, colour: keyColour },
    ...(isOne ? [bgp] : []),
  ]
}

/** Its port is the plan's, or a NAT's of the moment: the page of one gateway has it. */
const hostOf = (endpoint: string | undefined) => endpoint?.replace(/:\d+$/, '')

/** In one word: below the table it is told in full. */
function getState({ line }: Row): string {
  if (line === undefined || line.state === 'unknown') return 'no answer'
  return line.state === 'fresh' ? (getAge(line.handshakeSeconds) ?? '-') : line.state
}

/** `12 s`, `5 min`, `3 h`, `2 d`. */
function getAge(seconds: number | undefined): string | undefined {
  if (seconds === undefined || seconds < 60) return seconds === undefined ? undefined : `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`
}

/** What passes whole; where nothing does, the loss says so. */
function getMtu({ mtu }: Row): string {
  return mtu === undefined ? '-' : String(passing(mtu) || mtu.set)
}

function mtuColour({ mtu }: Row): 'yellow' | undefined {
  return mtu !== undefined && passing(mtu) > 0 && passing(mtu) < mtu.set ? 'yellow' : undefined
}

function lossColour({ lossPercent = 0 }: Row): 'red' | 'yellow' | undefined {
  return lossPercent === 0 ? undefined : lossPercent === 100 ? 'red' : 'yellow'
}

/** `ml-kem-768 3 d`, `classical`, `ml-kem-768 rotating`: how old a key is that goes is nobody's question. */
function getKey({ line }: Row): string {
  if (line === undefined) return '-'
  const { kind, ageSeconds } = line.psk
  const state = line.isRotating ? 'rotating' : getAge(ageSeconds)
  return state === undefined ? kind : `${kind} ${state}`
}

function keyColour({ line }: Row): 'yellow' | 'red' | 'dim' | undefined {
  if (line === undefined) return 'dim'
  if (line.psk.same === false && line.state === 'psk') return 'red'
  return line.psk.kind === 'ml-kem-768' ? undefined : 'yellow'
}

const isUp = (state: string | undefined): boolean => state === 'Established'

function getBgp({ end }: Row): string {
  if (end?.bgp === undefined) return '-'
  return isUp(end.bgp) ? (end.bfd === undefined || end.bfd === 'Up' ? 'up' : `up, BFD ${end.bfd}`) : end.bgp
}

function bgpColour({ end }: Row): 'green' | 'yellow' | 'red' | undefined {
  if (end?.bgp === undefined) return undefined
  return !isUp(end.bgp) ? 'red' : end.bfd === undefined || end.bfd === 'Up' ? 'green' : 'yellow'
}

const CLIENT_STATES = { away: 'away', new: 'not added', unknown: 'no answer' } as const

const clientColumns: readonly Column<ClientLine>[] = [
  { head: 'CLIENT', get: ({ client }) => client, whole: true },
  {
    head: 'HANDSHAKE',
    get: ({ state, handshakeSeconds }) => getAge(handshakeSeconds) ?? (state === 'here' ? '-' : CLIENT_STATES[state]),
    colour: ({ state }) => (state === 'here' ? 'green' : 'dim'),
  },
  { head: 'ENDPOINT', get: ({ endpoint }) => endpoint ?? '-' },
  { head: 'ADDRESS', get: ({ address }) => address },
  { head: 'GATEWAY', get: ({ gateway }) => gateway },
]

/** People's devices: they come and go, so nothing of them is wrong. */
export function renderClients({ clients }: MeshPage, look: Look): string {
  return renderTable(clientColumns, clients, look)
}
