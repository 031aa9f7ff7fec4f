// The page of `orion mesh status`: a line per link, which way each gateway reaches each other, what is wrong and what to do.
import { renderClients, renderLinks } from './mesh-links.ts'
import { renderWays } from './mesh-ways.ts'
import { getPaint, type Look } from './paint.ts'
import { clean, count, indent } from './text.ts'

export interface EndLine {
  readonly gateway: string
  readonly peer: string
  readonly endpoint?: string
  readonly mtu?: { readonly set: number; readonly inner?: number; readonly outer?: number }
  readonly lossPercent?: number
  readonly rttMs?: number
  readonly bgp?: string
  readonly bfd?: string
}

export interface LinkLine {
  readonly link: string
  readonly state: 'fresh' | 'stale' | 'never' | 'silent' | 'down' | 'absent' | 'keys' | 'psk' | 'unknown'
  readonly handshakeSeconds?: number
  readonly psk: { readonly kind: string; readonly ageSeconds?: number; readonly same?: boolean }
  readonly isRotating: boolean
  readonly ends: readonly EndLine[]
}

export interface WayLine {
  readonly from: string
  readonly to: string
  readonly now: readonly string[]
  readonly wanted?: string
}

export interface RemarkLine {
  readonly kind: 'wrong' | 'warning'
  readonly text: string
  readonly hint?: string
}

export interface GatewayLine {
  readonly name: string
  readonly address: string
  /** CIDRs behind it. */
  readonly routes: readonly string[]
  /** It did not answer. */
  readonly problem?: { readonly message: string; readonly suggestions: readonly string[] }
}

export interface ClientLine {
  readonly client: string
  readonly gateway: string
  readonly address: string
  readonly state: 'here' | 'away' | 'new' | 'unknown'
  readonly handshakeSeconds?: number
  readonly endpoint?: string
}

export interface MeshPage {
  readonly site: string
  /** Of this gateway alone. */
  readonly gateway?: string
  readonly gateways: readonly GatewayLine[]
  readonly links: readonly LinkLine[]
  readonly ways: readonly WayLine[]
  readonly clients: readonly ClientLine[]
  readonly remarks: readonly RemarkLine[]
}

/** Pure. Ends without a line feed. */
export function renderMesh(page: MeshPage, look: Look): string {
  const silent = page.gateways.filter(({ problem }) => problem !== undefined)
  const remarks = [...silent.flatMap((line) => renderProblem(line, look)), ...renderRemarks(page.remarks, look)]
  return [
    renderHead(page, look),
    ...renderSome(page, look),
    ...(page.gateways.length < 2 ? [] : ['', renderWays(page, look)]),
    ...(page.clients.length === 0 ? [] : ['', renderClients(page, look)]),
    ...(remarks.length === 0 ? [] : ['', ...remarks]),
  ].join('\n')
}

/** More than these are no table that somebody reads; --json has all of them. */
const MOST_LINKS = 60

/** All links, or of very many those that are not fresh. */
function renderSome(page: MeshPage, look: Look): string[] {
  const { links } = page
  if (links.length <= MOST_LINKS) return [renderLinks(page, look)]
  const isFresh = ({ state }: LinkLine) => state === 'fresh'
  const wrong = links.filter((line) => !isFresh(line))
  const shown = (wrong.length === 0 ? links : wrong).slice(0, MOST_LINKS)
  const fresh = links.filter(isFresh).length - shown.filter(isFresh).length
  return [
    renderLinks({ ...page, links: shown }, look),
    `and ${links.length - shown.length} more, ${fresh} of them fresh`,
  ]
}

/** `fed  5 gateways, 7 of 8 links fresh`. */
export function renderHead({ site, gateway, gateways, links }: MeshPage, look: Look): string {
  const paint = getPaint(look)
  const fresh = links.filter(({ state }) => state === 'fresh').length
  const isAll = fresh === links.length && gateways.every(({ problem }) => problem === undefined)
  const many = count(links.length, 'link')
  const none = 'no links'
  const state =
    links.length === 0 ? none : isAll ? paint.green(`${many}, fresh`) : paint.red(`${fresh} of ${many} fresh`)
  const what = gateway === undefined ? `${clean(site)}  ${count(gateways.length, 'gateway')}` : clean(gateway)
  return `${paint.bold(what)}${gateway === undefined ? ', ' : '  '}${state}`
}

function renderProblem({ name, problem }: GatewayLine, look: Look): string[] {
  if (problem === undefined) return []
  const paint = getPaint(look)
  const text = problem.message.includes(name) ? problem.message : `${name}: ${problem.message}`
  return [
    ...indent(text, '✖ ', look.width).map((line) => paint.red(line)),
    ...problem.suggestions.flatMap((hint) => indent(hint, '  Try: ', look.width)).map((line) => paint.cyan(line)),
  ]
}

export function renderRemarks(remarks: readonly RemarkLine[], look: Look): string[] {
  const paint = getPaint(look)
  return remarks.flatMap(({ kind, text, hint }) => [
    ...indent(text, kind === 'wrong' ? '✖ ' : '! ', look.width).map((line) =>
      kind === 'wrong' ? paint.red(line) : paint.yellow(line),
    ),
    ...(hint === undefined ? [] : indent(hint, '  Try: ', look.width).map((line) => paint.cyan(line))),
  ])
}
