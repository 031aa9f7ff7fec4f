// `show route filtered …`: how many of a neighbour's routes were refused, and examples that fit the reason.
import { sumOf } from './bird-channels.ts'
import type { BgpSession } from './bird-sessions.ts'
import { type BirdTalk, birdTime } from './bird-talk.ts'

const EXAMPLES = 3

/** The `at`-th route that is refused for a reason, by its number; another kind of prefix for each. */
function exampleOf(family: 4 | 6, reason: number, at: number): string {
  // 8 is about the length: too long for others to take.
  if (reason === 8) return family === 6 ? `2a10:8:0:${at + 1}::/64` : `193.8.0.${at * 64}/26`
  return family === 6 ? `2a10:${reason.toString(16)}00:${at + 1}::/48` : `193.${reason}.${at}.0/24`
}

/** Number 3 is about the path: an AS number that is nobody's is in it. */
function originOf({ asn }: BgpSession, reason: number): string {
  return `AS${reason === 3 ? '64512' : asn}i`
}

/** `… filtered protocol NAME [where (ASN, 2, REASON) ~ …] [count]`; without a reason, of all. */
export function refusedRoutes(talk: BirdTalk, session: BgpSession | undefined, words: readonly string[]): string[] {
  const asked = /\(\s*\d+\s*,\s*2\s*,\s*(\d+)\s*\)/.exec(words.join(' '))?.[1]
  const channels = session?.isUp && !talk.state.disabled?.includes(session.protocol.name) ? session.channels : []
  const rows = channels.flatMap(({ family, refused }) =>
    Object.entries(refused)
      .filter(([reason]) => asked === undefined || reason === asked)
      .map(([reason, count]) => ({ family, reason: Number(reason), count })),
  )
  const all = sumOf(channels.map(({ filtered }) => filtered))
  if (words.includes('count')) return counted(asked === undefined ? all : sumOf(rows.map(({ count }) => count)), all)
  const since = birdTime(talk.state.since[session?.protocol.name ?? ''] ?? 0)
  const from = `unicast [${session?.protocol.name} ${since}] (100)`
  const lines = rows.flatMap(({ family, reason, count }) =>
    Array.from({ length: Math.min(count, EXAMPLES) }, (_, at) => {
      const network = exampleOf(family, reason, at).padEnd(20)
      return `${network} ${from} [${session && originOf(session, reason)}]`
    }),
  )
  return lines.map((line, at) => `${at === 0 ? '1007-' : '     '}${line}`).concat('0000 ')
}

/** BIRD's reply to `count`. */
export function counted(count: number, all: number): string[] {
  return [
    `1007-${count} of ${Math.max(count, all)} routes for ${count} networks in table master6`,
    `0014 Total: ${count} of ${Math.max(count, all)} routes for ${count} networks in 1 tables`,
  ]
}
