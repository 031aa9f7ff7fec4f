// The BGP sessions of the mesh on one gateway: which of them a change of its files ends, and the proof that the others stand.
import type { WantedFile } from '../../resources/file-set-difference.ts'
import { type Facts, type HostFacts, said } from '../../resources/host-facts.ts'
import { parseProtocols } from '../bgp/birdc-protocols.ts'
import { MESH_BIRD } from './bird-names.ts'

const PROTOCOLS = 'mesh-bird-protocols'

export const SESSION_FACTS: Facts = {
  commands: { [PROTOCOLS]: ['birdc', '-s', MESH_BIRD.socket, '-v', 'show', 'protocols'] },
}

interface Session {
  /** The gateway at its other end. */
  readonly peer: string
  /** All that BIRD restarts it for. */
  readonly print: string
}

/** For the plan's list of what is interrupted; undefined = no session that stands now. `files`: as they shall be. Pure. */
export function sessionDisruption(seen: HostFacts, files: readonly WantedFile[]): string | undefined {
  const conf = files.find(({ path }) => path === MESH_BIRD.conf)
  // Its other files end no session.
  if (conf === undefined) return undefined
  const up = establishedIn(seen) ?? new Set()
  const next = sessionsIn(conf.text)
  const lost = [...sessionsIn(seen.files.get(MESH_BIRD.conf)?.text)].flatMap(([protocol, { peer, print }]) => {
    const stays = next.get(protocol)
    if (!up.has(protocol) || stays?.print === print) return []
    return [`the BGP session with ${peer}${stays === undefined ? ' for good' : ''}`]
  })
  return lost.length === 0 ? undefined : lost.join(', ')
}

/**
 * What is worse after a change than before: a session that was established with the same neighbour, and is not. One with another
 * address or number may wait for the change of its other end. Pure; [] = confirm.
 */
export function proveSessions(before: HostFacts, after: HostFacts): readonly string[] {
  // What made it is undone.
  if (!after.files.has(MESH_BIRD.conf)) return []
  const now = establishedIn(after)
  if (now === undefined) return [`BIRD of the mesh does not answer (${MESH_BIRD.unit})`]
  const was = establishedIn(before) ?? new Set()
  const [old, next] = [before, after].map(({ files }) => sessionsIn(files.get(MESH_BIRD.conf)?.text))
  return [...(next ?? [])].flatMap(([protocol, { peer, print }]) => {
    const isSame = old?.get(protocol)?.print === print
    return isSame && was.has(protocol) && !now.has(protocol) ? [`the BGP session with ${peer} is not back`] : []
  })
}

/** Protocols; undefined where BIRD did not answer. */
function establishedIn(seen: HostFacts): ReadonlySet<string> | undefined {
  const text = said(seen, PROTOCOLS)
  if (text === undefined) return undefined
  const up = parseProtocols(text).filter(({ info }) => info.startsWith('Established'))
  return new Set(up.map(({ name }) => name))
}

/** Of a bird.conf as bird-conf.ts writes it, by their protocols. Filters and limits change without a restart, and are left out. */
function sessionsIn(text = ''): ReadonlyMap<string, Session> {
  const line = (start: string) => new RegExp(`^${start} .*$`, 'm').exec(text)?.[0]
  const template = /^template bgp mesh_link \{\n(.*?)^\}/ms.exec(text)?.[1]?.replace(/^\s+import limit .*\n/gm, '')
  const common = [line('router id'), line('define ASN'), template].join('\n')
  const blocks = text.matchAll(/^protocol bgp (\w+) from mesh_link \{\n\s*description "([^":]*).*\n(.*\n.*\n)/gm)
  return new Map(
    [...blocks].map(([, protocol = '', peer = '', ends = '']) => [protocol, { peer, print: common + ends }]),
  )
}
