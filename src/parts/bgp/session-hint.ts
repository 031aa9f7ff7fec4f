// What to do about a session that is not established: from BIRD's last error, and where BIRD says nothing, from the kernel.
import type { Bgp, BgpPeer } from '../../site/services.ts'
import { protocolOf } from './bird-names.ts'
import { DAEMONS } from './edge.ts'
import { isUp, type Session } from './sessions.ts'
import type { Counters } from './tcp-counters.ts'

interface About {
  readonly peer: BgpPeer
  readonly asn: number
  /** Where the peer stands in the site file. */
  readonly key: string
  readonly edge: Bgp['daemon']
  /** Since when Linux counted. */
  readonly since: string
}

type Row = readonly [error: RegExp, hint: (about: About) => string]

const ROLES = { provider: 'customer', peer: 'peer', customer: 'provider', internal: 'none' } as const

// BIRD puts `BGP Error:` before what it told the peer, `Received:` before what the peer told it, `Socket:` before what the
// kernel said, and `Error:` before what it noticed itself.
const ERRORS: readonly Row[] = [
  [
    /: Role mismatch/,
    ({ peer, key }) =>
      `${key}.relation is ${peer.relation}, so our role is ${peer.routeServer ? 'rs-client' : ROLES[peer.relation]}; the peer has none that fits${
        peer.requireRole ? ' or says none (requireRole is on)' : ''
      }: ask it for its role (RFC 9234)`,
  ],
  [/BGP Error: Bad peer AS/, ({ peer, key }) => `the peer has another AS number than ${peer.asn}: correct ${key}.asn`],
  [
    /Received: Bad peer AS/,
    ({ asn }) => `the peer expects another AS number of us than ${asn}: correct bgp.asn, or ask the peer to`,
  ],
  [/BGP Error: Hold timer expired/, () => 'nothing was heard of the peer any more: look at the line to it, and ask it'],
  [/Received: Hold timer expired/, () => 'the peer heard nothing of us any more: look at the line to it'],
  [
    /: (Unacceptable hold time)/,
    ({ edge }) => `the peer and ${DAEMONS[edge]} want hold times that do not fit: ask the peer for its own`,
  ],
  [/: Bad BGP identifier/, () => 'the peer has the same router ID as we, or none: compare it with bgp.routerId'],
  [
    /: (Required capability missing|No supported AFI)/,
    ({ peer }) => `the peer does not speak ${peer.address.includes(':') ? 'IPv6' : 'IPv4'} on this session: ask it to`,
  ],
  [/: Authentication failure/, ({ key }) => `the peer does not accept ${key}.password`],
  [/: BFD (session )?down/i, () => 'BFD lost the peer: look at the line to it, and whether the peer has BFD on'],
  [
    /: Maximum number of prefixes reached/,
    () => 'we announce more prefixes than the peer takes: compare bgp.announce with what it expects',
  ],
  [/Received: Administrative shutdown/, () => 'somebody at the peer took the session down: ask it'],
  [/Received: Peer de-configured/, () => 'the peer has taken us out of its configuration: ask it'],
  [
    /Received: Connection rejected/,
    ({ asn }) => `the peer does not know us: ask whether it has our address and AS ${asn}`,
  ],
  [/Socket: Connection (refused|reset)/, notListening],
  [/Socket: (Network is unreachable|No route to host)/, noRoute],
  [/Socket: (Operation not permitted|Permission denied)/, () => "a firewall of the router's own refuses it"],
  [
    /Socket: (Cannot assign requested address|Invalid argument)/,
    ({ key, peer }) => `${peer.localAddress ?? 'our address'} is no address of the router: correct ${key}.localAddress`,
  ],
  [/Error: (Neighbor lost|Link down)/, noRoute],
  [/Error: No listening socket/, () => 'another program on the router has port 179: ss -ltnp, there'],
  [
    /Error: Kernel MD5 auth failed/,
    ({ key }) => `the kernel does not take ${key}.password: it is 80 characters at most`,
  ],
  [/Error: Invalid next hop/, () => 'the peer names a next hop that is not beside us: ask it'],
  [
    /(BGP Error|Received): (Invalid|Malformed|Bad|Missing|Unrecognized|Optional)/,
    () => 'the two do not understand each other: ask the peer, with this error',
  ],
  [
    /Route limit exceeded/,
    (about) =>
      `the peer sent more routes than ${about.key}.maxPrefixes allows: raise that and apply, or ask the peer to send fewer, and then, on the router: ${enabling(about)}`,
  ],
]

function enabling({ edge, peer }: About): string {
  return edge === 'bird'
    ? `birdc enable ${protocolOf(peer.name)}`
    : `gobgp --target unix:///run/gobgp/api.sock neighbor ${peer.address} enable`
}

function notListening({ peer, asn }: About): string {
  return `at ${peer.address} nothing listens on port 179 for us: is BGP on there, and does it have our address and AS ${asn}?`
}

function noRoute({ peer, key }: About): string {
  const further = peer.multihop === undefined ? ` (a peer further away needs ${key}.multihop)` : ''
  return `the router has no way to ${peer.address}: look at its cable and its addresses${further}`
}

/** Undefined for an established session. `counters`: of the router, and `since` when. Pure. */
export function hintOf(
  { asn, edge = 'bird' }: Pick<Bgp, 'asn'> & { readonly edge?: Bgp['daemon'] },
  session: Session,
  counters: Counters = {},
  since = 'since the router started',
): string | undefined {
  if (isUp(session)) return undefined
  const { peer, state, error = '' } = session
  const about = { peer, asn, key: `bgp.peers.${peer.name}`, edge, since }
  if (state === 'absent') return `${DAEMONS[edge]} does not have this peer yet: orion bgp apply`
  const row = ERRORS.find(([pattern]) => pattern.test(error))
  if (row) return row[1](about)
  if (state === 'Down') return `it was taken down by hand; on the router: ${enabling(about)}`
  return silent(about, counters)
}

/**
 * A peer that does not answer, which is all that BIRD knows of a wrong password: it is Linux that drops such a segment, and
 * counts it for all peers together, without a word to either side.
 */
function silent(about: About, counters: Counters): string {
  const { peer, asn, key } = about
  const dropped = DROPS.filter(({ counter, isMeant }) => (counters[counter] ?? 0) > 0 && isMeant(peer))
  // Any of them may be of another peer, or of an earlier time.
  if (dropped.length > 0) return dropped.map(({ counter, hint }) => hint(about, counters[counter] ?? 0)).join('; or: ')
  const secret = peer.password === undefined ? '' : ' and this password'
  return `${peer.address} does not answer: is it there, does a firewall drop port 179, has it our address and AS ${asn}${secret}? (${key})`
}

interface Drop {
  readonly counter: string
  readonly isMeant: (peer: BgpPeer) => boolean
  readonly hint: (about: About, times: number) => string
}

const hasKey = ({ password, authentication }: BgpPeer, kind: BgpPeer['authentication']): boolean =>
  password !== undefined && authentication === kind
const differs = ({ key, since }: About, times: number): string =>
  `the password of the peer is another one (${times} packets dropped ${since}): compare ${key}.password`
const none = ({ key, since }: About, times: number): string =>
  `the peer uses no password (${times} packets dropped ${since}): ask it to, or remove ${key}.password`

const DROPS: readonly Drop[] = [
  { counter: 'TCPMD5Failure', isMeant: (peer) => hasKey(peer, 'md5'), hint: differs },
  { counter: 'TCPMD5NotFound', isMeant: (peer) => hasKey(peer, 'md5'), hint: none },
  { counter: 'TCPAOBad', isMeant: (peer) => hasKey(peer, 'tcp-ao'), hint: differs },
  { counter: 'TCPAOKeyNotFound', isMeant: (peer) => hasKey(peer, 'tcp-ao'), hint: differs },
  { counter: 'TCPAORequired', isMeant: (peer) => hasKey(peer, 'tcp-ao'), hint: none },
  {
    counter: 'TCPMD5Unexpected',
    isMeant: ({ password }) => password === undefined,
    hint: ({ key, since }, times) =>
      `the peer uses a password (${times} packets dropped ${since}): ask it for it, for ${key}.password`,
  },
  {
    counter: 'TCPMinTTLDrop',
    isMeant: ({ ttlSecurity }) => ttlSecurity,
    hint: ({ key, since }, times) =>
      `packets come with a TTL below 255 (${times} dropped ${since}): the peer has no GTSM, so ask it to, or turn ${key}.ttlSecurity off`,
  },
]
