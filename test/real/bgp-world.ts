// The rest of the world around a border router: one BIRD that plays every other network, and says of each route what it is told to.
import { symbolOf } from '../../src/parts/bgp/symbol.ts'
import type { BgpPeer } from '../../src/site/services.ts'
import { OURS, type Sent } from './bgp-routes.ts'

export const PASSWORD = "a 'secret' of; {both} # ends"
/** One network of the world, as its side of a session has it. */
export interface Party {
  readonly peer: BgpPeer
  readonly routes: readonly Sent[]
  /** What it says of itself where that is not what the site file expects. */
  readonly asn?: number
  /** The AS number that it expects of us. */
  readonly ours?: number
  readonly role?: string
  readonly password?: string
}

export interface Route {
  readonly path: readonly number[]
  readonly communities: string
  readonly large: string
  readonly preference: number
}
export type Table = ReadonlyMap<string, Route>

/** One BIRD that is all the other networks, each with a table of its own. It puts no AS number before a path: paths are as the rows say. */
export function worldConf(parties: readonly Party[]): string {
  const blocks = parties.map(({ peer, routes, ...says }) => {
    const name = symbolOf(peer.name)
    const family = peer.address.includes(':') ? 6 : 4
    const internal = peer.relation === 'internal'
    const role =
      says.role ??
      (peer.routeServer
        ? 'rs_server'
        : { provider: 'provider', customer: 'customer', peer: 'peer', internal: undefined }[peer.relation])
    const password = says.password ?? (peer.password ? PASSWORD : undefined)
    const us = peer.address.replace(/[12]$/, (end) => (end === '1' ? '2' : '1'))
    return `
ipv${family} table t_${name};
protocol static s_${name} {
  ipv${family} { table t_${name}; };
${routes.map(staticRoute).join('\n')}
}
protocol bgp ${name} {
  local ${peer.address} as ${says.asn ?? peer.asn};
  neighbor ${us} as ${says.ours ?? OURS};
  direct;
  strict bind on;
  ${internal ? '' : 'rs client;'}
  ${role && role !== 'none' ? `local role ${role};` : ''}
  ${peer.ttlSecurity ? 'ttl security on;' : ''}
  ${password ? `authentication md5; password "${password}";` : ''}
  ${peer.bfd ? 'bfd on;' : ''}
  connect delay time 1; connect retry time 2; error wait time 1, 2;
  graceful restart on;
  ipv${family} { table t_${name}; import all; export filter { ${exportOf(`s_${name}`, routes)} }; };
}`
  })
  return `router id 198.18.7.1;\nlog stderr all;\nprotocol device {}\nprotocol bfd { interface "*" { interval 300 ms; multiplier 3; }; }\n${blocks.join('\n')}`
}

/** A next hop that an export filter sets stands; else it is the party itself. */
function exportOf(origin: string, routes: readonly Sent[]): string {
  const hops = routes.flatMap(({ prefix, nextHop }) =>
    nextHop === undefined ? [] : [`if net = ${prefix} then bgp_next_hop = ${nextHop};`],
  )
  return [`if proto != "${origin}" then reject;`, ...hops, 'accept;'].join(' ')
}

function staticRoute({ prefix, path, communities = [] }: Sent): string {
  const prepends = [...path].reverse().map((asn) => `bgp_path.prepend(${asn});`)
  const adds = communities.map((one) => `bgp_${one.split(',').length === 3 ? 'large_' : ''}community.add(${one});`)
  return `  route ${prefix} unreachable { ${[...prepends, ...adds].join(' ')} };`
}

/** Of `show route … all`, of every version: BIRD 2 says `BGP.as_path`, BIRD 3 `bgp_path`. */
export function parseRoutes(text: string): Table {
  const table = new Map<string, Route>()
  const blocks = text.split(/^(?=\S+\/\d+ )/m).filter((block) => /^\S+\/\d+ /.test(block))
  for (const block of blocks) {
    const value = (label: string) =>
      new RegExp(`^\\s+(?:BGP\\.|bgp_)${label}: ?(.*)$`, 'm').exec(block)?.[1]?.trim() ?? ''
    table.set(block.split(' ')[0] ?? '', {
      path: value('(?:as_)?path').split(/\s+/).filter(Boolean).map(Number),
      communities: value('community'),
      large: value('large_community'),
      preference: Number(value('local_pref')),
    })
  }
  return table
}
