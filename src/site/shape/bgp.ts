// BGP: the router is a guest, and what the file does not say about a session is as safe as can be without the peer's help.
import type { BgpInput } from '../schema/bgp.ts'
import type { Bgp, BgpPeer, Rpki } from '../services.ts'
import { type Context, compact } from './context.ts'

/** A route of a customer earns, one of a peer is free, one of a provider costs. */
const LOCAL_PREFERENCE = { customer: 200, peer: 150, provider: 100, internal: 100 } as const

export function shapeBgp(context: Context): Bgp | undefined {
  const { bgp } = context.input
  const router = bgp && context.guest(bgp.router, ['bgp', 'router'])
  if (bgp === undefined || router === undefined) return undefined
  const { announce = [], blackhole = [], peers = {}, rpki, ...rest } = bgp
  return compact({
    ...rest,
    router,
    announce,
    blackhole,
    rpki: rpkiOf(context, rpki),
    peers: Object.entries(peers).map(([name, peer]) => peerOf(context, name, peer)),
  })
}

function rpkiOf(context: Context, rpki: BgpInput['rpki']): Rpki | undefined {
  if (rpki === false) return undefined
  const { local = true, caches = [] } = rpki ?? {}
  if (!local && caches.length === 0)
    context.report(['bgp', 'rpki', 'local'], 'leaves nothing that validates: name caches, or say rpki: false')
  return { local, caches }
}

type PeerInput = NonNullable<BgpInput['peers']>[string]

function peerOf(context: Context, name: string, peer: PeerInput): BgpPeer {
  if (peer.authentication !== undefined && peer.password === undefined)
    context.report(
      ['bgp', 'peers', name, 'authentication'],
      'protects nothing without a password: add one, or leave it out',
    )
  return {
    ...peer,
    name,
    authentication: peer.authentication ?? 'md5',
    localPreference: peer.localPreference ?? LOCAL_PREFERENCE[peer.relation],
    prefixes: peer.prefixes ?? [],
  }
}
