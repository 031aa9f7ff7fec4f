// `orion bgp hygiene`: the rules as the site file has them, beside what the router really runs.
import { OrionError } from '../../errors.ts'
import type { Outside } from '../../resource.ts'
import { guestHost } from '../../resources/guest-host.ts'
import { readAnswers } from '../../resources/host-answers.ts'
import { type HostFacts, readFacts } from '../../resources/host-facts.ts'
import type { Bgp } from '../../site/services.ts'
import type { Site } from '../../site/site.ts'
import { routerWish } from '../router/facts.ts'
import { type Router, routersOf } from '../router/router.ts'
import type { BirdTexts } from './bird-conf.ts'
import { getBirdModel } from './bird-model.ts'
import { BIRD_FILES, protocolOf } from './bird-names.ts'
import { edgeOf } from './edge.ts'
import { GOBGP_FILES } from './gobgp.ts'
import { gobgpSessions } from './gobgp-show.ts'
import { getHygiene, type HygieneRow, judgeTexts } from './hygiene.ts'
import { aboutPeer } from './hygiene-gobgp.ts'
import { RULES } from './hygiene-rules.ts'
import { type Irr, irrOf, irrQuestions } from './irr.ts'
import { sessionsOf } from './sessions.ts'
import { symbolOf } from './symbol.ts'

export interface LiveRow extends HygieneRow {
  /** False where the rule is on in the site file, and the router does not keep it (yet). */
  readonly live: boolean
}

export interface HygieneReport {
  readonly router: string
  readonly daemon: 'bird' | 'gobgp'
  readonly rows: readonly LiveRow[]
  readonly irr: readonly SetRow[]
}

/** The prefixes of a peer with an AS-SET. */
export interface SetRow {
  readonly peer: string
  readonly asSet: string
  readonly prefixes: number
  /** Why it is not what the registry says now: it did not answer, or what it says is odd. */
  readonly why?: string
}

/** Asks the router, and the registry through it. Errors: E_USAGE where the site has no BGP; E_HOST_UNREACHABLE where its router is down; those of the host. */
export async function readHygiene(site: Site, outside: Outside): Promise<HygieneReport> {
  const router = routersOf(site).find(({ guest }) => guest.name === site.bgp?.router)
  if (router === undefined || site.bgp === undefined) {
    throw new OrionError(`${site.name} has no BGP: its site file says nothing under bgp`, { code: 'E_USAGE' })
  }
  const host = await guestHost(site, router.guest, outside)
  const questions = irrQuestions(site.bgp)
  const answers = questions && (await readAnswers(host, questions))
  const seen = { ...(await readFacts(host, routerWish(site, router))), ...(answers && { answers }) }
  return {
    router: router.guest.name,
    daemon: site.bgp.daemon,
    rows: reportOf(site, router, seen),
    irr: irrOf(site.bgp, seen, { accept: false }).map(toSetRow),
  }
}

function toSetRow({ peer, asSet, prefixes, why, problem }: Irr): SetRow {
  const odd = problem ?? why
  return { peer, asSet, prefixes: prefixes.length, ...(odd === undefined ? {} : { why: odd }) }
}

/** Every rule with whether the router keeps it. Pure. */
export function reportOf(site: Site, router: Router, seen: HostFacts): readonly LiveRow[] {
  const { bgp } = site
  if (bgp === undefined) return []
  const live = edgeOf(seen) === 'gobgp' ? gobgpSessions(bgp, seen) : sessionsOf(bgp, seen)
  const wanted = getHygiene(site, router, seen, live)
  if (bgp.daemon === 'gobgp') return underGobgp(bgp, wanted, seen)
  const rows = liveRows(site, router, seen)
  return wanted.map((row, at) => ({ ...row, live: row.state !== 'on' || rows[at]?.state === 'on' }))
}

/** The same rules, judged by the bird.conf of the router; [] where BIRD does not run, or does not speak to the world. */
function liveRows(site: Site, router: Router, seen: HostFacts): readonly HygieneRow[] {
  const model = getBirdModel(site, router, seen, { edge: 'bird' })
  const text = seen.files.get(BIRD_FILES.conf)?.text
  const runs = seen.commands.get('bird-active')?.stdout.trim() === 'active' && edgeOf(seen) === 'bird'
  if (model === undefined || text === undefined || !runs) return []
  const names = model.peers.map(({ peer }) => peer.name)
  return judgeTexts(model, splitConf(text, names), [])
}

/** What GoBGP cannot do is not possible; the rest is judged by its file, for a peer by what is said of it there. */
function underGobgp({ peers }: Bgp, wanted: readonly HygieneRow[], seen: HostFacts): readonly LiveRow[] {
  const text = seen.files.get(GOBGP_FILES.conf)?.text ?? ''
  const patterns = new Map(RULES.map(({ name, gobgp }) => [name, gobgp]))
  const runs = edgeOf(seen) === 'gobgp' && seen.commands.get('gobgp-active')?.stdout.trim() === 'active'
  return wanted.map((row) => {
    const pattern = patterns.get(row.rule)
    if (row.state !== 'on') return { ...row, live: true }
    if (pattern === undefined) return { ...row, state: 'not possible', why: 'GoBGP has no such thing', live: true }
    const peer = peers.find(({ name }) => name === row.peer)
    return { ...row, live: runs && pattern.test(peer === undefined ? text : aboutPeer(text, peer)) }
  })
}

/** A bird.conf by what its blocks are about; each of ours begins at the start of a line and ends with a brace there. Pure. */
export function splitConf(text: string, peers: readonly string[]): BirdTexts {
  const heads = (peer: string) => ({
    import: `filter import_${symbolOf(peer)}`,
    export: `filter export_${symbolOf(peer)}`,
    protocol: `protocol bgp ${protocolOf(peer)}`,
  })
  const blocks = text.split(/(?<=^\}[^\n]*\n)/m)
  const find = (head: string) => blocks.find((block) => new RegExp(`^${head}\\b`, 'm').test(block)) ?? ''
  const found = peers.map((name) => {
    const { import: imports, export: exports, protocol } = heads(name)
    return { name, import: find(imports), export: find(exports), protocol: find(protocol) }
  })
  const theirs = new Set(found.flatMap((one) => [one.import, one.export, one.protocol]))
  return { common: blocks.filter((block) => !theirs.has(block)).join(''), peers: found }
}
