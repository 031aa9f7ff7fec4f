// What the hosts of the mesh see of each other: pings between the sites' own networks, ways, cuts, and how long a change of way took.
import { within } from '../hosts/inside.ts'
import type { TestHost } from '../hosts/nspawn.ts'
import { GATEWAYS, type GatewayName, type MeshStage, OWN } from './mesh-stage.ts'

const CONVERGED_MS = 45_000

export type Pair = readonly [GatewayName, GatewayName]
export const PAIRS: readonly Pair[] = GATEWAYS.flatMap((from) =>
  GATEWAYS.filter((to) => to !== from).map((to) => [from, to] as const),
)

/** Of these pairs, those that do not reach each other, as `FROM→TO`; from and to addresses of the sites' own networks. */
export async function unreached({ hosts }: MeshStage, pairs: readonly Pair[] = PAIRS): Promise<string[]> {
  const lost = GATEWAYS.map(async (from) => {
    const goals = pairs.filter(([own]) => own === from).map(([, to]) => to)
    if (goals.length === 0) return []
    const script = `own=$1; shift; for to do ping -q -n -c 1 -W 2 -I "$own" "$to" >/dev/null || echo "$to" & done; wait`
    const { stdout } = await hosts[from].exec(['sh', '-c', script, 'ping', OWN[from], ...goals.map((to) => OWN[to])])
    return goals.filter((to) => stdout.split('\n').includes(OWN[to])).map((to) => `${from}→${to}`)
  })
  return (await Promise.all(lost)).flat()
}

/** Waits until all of these pairs reach each other. */
export async function allReach(stage: MeshStage, pairs: readonly Pair[] = PAIRS): Promise<void> {
  let lost: readonly string[] = []
  await within(CONVERGED_MS, 'every pair', async () => {
    lost = await unreached(stage, pairs)
    return lost.length === 0
  }).catch((error: Error) => {
    throw new Error(`${error.message}; these do not: ${lost.join(' ')}`)
  })
}

/** The interface over which a site's own network is reached from another; '' where there is no way. */
export async function way({ hosts }: MeshStage, from: GatewayName, to: GatewayName): Promise<string> {
  const { stdout } = await hosts[from].exec(['ip', '-j', 'route', 'get', OWN[to]])
  return stdout.startsWith('[') ? String(JSON.parse(stdout)[0]?.dev ?? '') : ''
}

/** Waits until the way goes over the interface. */
export const goesOver = (stage: MeshStage, [from, to]: Pair, over: string): Promise<void> =>
  within(CONVERGED_MS, `${from} to reach ${to} over ${over}`, async () => (await way(stage, from, to)) === over)

/** Nothing of this link gets into or out of the host any more; returns how to mend it. */
export async function cut(host: TestHost, link: string): Promise<() => Promise<unknown>> {
  const port = (await host.must(['wg', 'show', link, 'listen-port'])).trim()
  const table = `test_cut_${port}`
  const rules = `table inet ${table} {
  chain in { type filter hook input priority -300; udp dport ${port} drop; }
  chain out { type filter hook output priority -300; udp sport ${port} drop; }
}`
  await host.must(['nft', '-f', '-'], { input: rules.replaceAll('; }', '\n}').replaceAll('{ type', '{\ntype') })
  return () => host.must(['nft', 'delete', 'table', 'inet', table])
}

export interface Watched {
  readonly sent: number
  readonly lost: number
  /** The longest time without an answer. */
  readonly gapMs: number
}

let count = 0

/** Pings a site's own network from another while `work` goes on. */
export async function watched(
  { hosts }: MeshStage,
  [from, to]: Pair,
  intervalMs: number,
  work: () => Promise<unknown>,
): Promise<Watched> {
  count += 1
  const file = `/run/test-ping-${count}`
  const host = hosts[from]
  const script = `echo $$ >${file}.pid; exec ping -n -D -W 1 -i "$2" -I "$0" "$1" >${file}`
  const pinging = host.exec(['sh', '-c', script, OWN[from], OWN[to], String(intervalMs / 1000)])
  const answers = async () => (await host.exec(['sh', '-c', `grep -c icmp_seq ${file}`])).stdout.trim()
  try {
    await within(10_000, 'the first answers', async () => Number(await answers()) > 2)
    await work()
    const until = Number(await answers())
    await within(10_000, 'answers afterwards', async () => Number(await answers()) > until + 2)
  } finally {
    await host.exec(['sh', '-c', `kill -INT "$(cat ${file}.pid)"`])
    await pinging
  }
  return parsePings(await host.must(['cat', file]))
}

/** Output of `ping -D`: `[EPOCH] 64 bytes from …: icmp_seq=N …`. */
function parsePings(text: string): Watched {
  const answers = [...text.matchAll(/^\[([\d.]+)\] \d+ bytes from .*icmp_seq=(\d+)/gm)].map(([, at, sequence]) => ({
    at: Number(at) * 1000,
    sequence: Number(sequence),
  }))
  const sent = Math.max(0, ...answers.map(({ sequence }) => sequence))
  const times = answers.map(({ at }) => at).sort((one, other) => one - other)
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? at))
  return { sent, lost: sent - new Set(answers.map(({ sequence }) => sequence)).size, gapMs: Math.max(0, ...gaps) }
}
