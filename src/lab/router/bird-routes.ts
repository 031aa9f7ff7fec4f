// `show route …`: what is announced to a neighbour, and what of it was refused, counted or with a few examples.

import { staticRoutes } from './bird-channels.ts'
import { counted, refusedRoutes } from './bird-refused.ts'
import { type BgpSession, bgpSessions } from './bird-sessions.ts'
import { type BirdTalk, birdTime } from './bird-talk.ts'

/** `[PREFIX] export NAME`, `[filtered] [protocol NAME] [where …] [count|all]`, or what is our own. */
export function showRoutes(talk: BirdTalk, words: readonly string[]): readonly string[] {
  const after = (word: string) => (words.includes(word) ? words[words.indexOf(word) + 1] : undefined)
  const name = after('export') ?? after('protocol')
  const sessions = bgpSessions(talk.host, talk.config)
  const session = sessions.find(({ protocol }) => protocol.name === name)
  const isKnown = talk.config.protocols.some((one) => one.name === name)
  if (name !== undefined && !isKnown) return [`9001 ${name} is not a protocol`]
  const prefix = words.find((word) => word.includes('/'))
  if (words.includes('filtered')) return refusedRoutes(talk, session, words)
  if (words.includes('export'))
    return listed(talk, exportedOf(session), prefix, words.includes('all') ? attributesOf(talk, session) : [])
  const own = talk.config.protocols.filter(({ type }) => type === 'static').flatMap(staticRoutes)
  return words.includes('count') ? counted(sum(sessions), own.length) : listed(talk, own, prefix)
}

const sum = (sessions: readonly BgpSession[]): number =>
  sessions.flatMap(({ channels }) => channels).reduce((all, { imported }) => all + imported, 0)

function exportedOf(session: BgpSession | undefined): readonly string[] {
  return session?.isUp ? session.channels.flatMap(({ exported }) => exported) : []
}

/** What the export filter of a neighbour gives to our prefixes while it is drained: the define and its one statement. */
function attributesOf({ config: { filters, defines } }: BirdTalk, session: BgpSession | undefined): readonly string[] {
  const name = session?.protocol.statements.map((one) => /export filter (\w+)/.exec(one)?.[1]).find(Boolean) ?? ''
  const [, drain = '', what = ''] = /if (DRAIN_\w+) = 1 then (bgp_\w+)/.exec(filters.get(name) ?? '') ?? []
  if (defines.get(drain) !== '1') return []
  return [
    '1008-\tType: static univ',
    `1012-\t${what === 'bgp_local_pref' ? 'BGP.local_pref: 0' : 'BGP.community: (65535,0)'}`,
  ]
}

function listed(
  { state }: BirdTalk,
  routes: readonly string[],
  prefix: string | undefined,
  attributes: readonly string[] = [],
): string[] {
  const wanted = routes.filter((route) => prefix === undefined || route === prefix)
  if (wanted.length === 0) return [prefix === undefined ? '0000 ' : '8001 Network not found']
  const rows = wanted.flatMap((route) => [
    `     ${route.padEnd(20)} unreachable [own${route.includes(':') ? 6 : 4} ${birdTime(state.startedMs)}] * (200)`,
    ...attributes,
  ])
  return [`1007-Table master${wanted[0]?.includes(':') ? 6 : 4}:`, ...rows, '0000 ']
}
