// A peer as a BGP protocol of bird.conf.
import { template } from '../../render.ts'
import type { BirdModel, PeerModel } from './bird-model.ts'
import { addressText, nameText, protocolOf } from './bird-names.ts'
import { has } from './bird-version.ts'
import { symbolOf } from './symbol.ts'

interface PeerView {
  readonly protocol: string
  readonly symbol: string
  readonly name: string
  readonly asn: number
  readonly relation: string
  /** With a space behind it, or empty. */
  readonly local: string
  readonly address: string
  readonly multihop: number | undefined
  readonly role: PeerModel['role']
  readonly requireRole: boolean
  readonly ttlSecurity: boolean
  readonly authentication: string | undefined
  readonly password: boolean
  readonly bfd: boolean
  readonly sendHold: boolean
  readonly family: number
  readonly nextHopSelf: boolean
  readonly importLimit: number
  readonly receiveLimit: number
  readonly exportLimit: number | undefined
}

const renderPeer = template<PeerView>('bird/peer')

/** Its block. What the version does not know is left out. */
export function getPeer({ version }: BirdModel, { peer, family, role, limits }: PeerModel): string {
  const { name, asn, relation, localAddress, password, authentication } = peer
  const isProtected = password !== undefined
  return renderPeer({
    protocol: protocolOf(name),
    symbol: symbolOf(name),
    name: nameText(name),
    asn,
    relation,
    local: localAddress === undefined ? '' : `${addressText(localAddress)} `,
    address: addressText(peer.address),
    multihop: peer.multihop,
    role,
    requireRole: peer.requireRole,
    ttlSecurity: peer.ttlSecurity,
    password: isProtected,
    authentication:
      isProtected && has(version, 'authentication') ? { md5: 'md5', 'tcp-ao': 'ao' }[authentication] : undefined,
    bfd: peer.bfd,
    sendHold: has(version, 'sendHold'),
    family,
    nextHopSelf: relation === 'internal',
    importLimit: limits.import,
    receiveLimit: limits.receive,
    exportLimit: limits.export,
  })
}
