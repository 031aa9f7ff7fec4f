// With which keys the other ends of a gateway's links sign: learned once, over the pinned SSH keys of their hosts, and kept.
import { createHash } from 'node:crypto'
import type { Difference } from '../../resource.ts'
import type { WantedFile } from '../../resources/file-set-difference.ts'
import type { HostFacts } from '../../resources/host-facts.ts'
import type { Site } from '../../site/site.ts'
import { identityKey } from './link-keys.ts'
import { IDENTITIES_DIR, identityPath } from './link-paths.ts'
import type { Gateway } from './model.ts'

/** What is known stays; a gateway that is no peer any more is forgotten. None without post-quantum keys. Pure. */
export function identityFiles(site: Site, gateway: Gateway, seen: HostFacts): readonly WantedFile[] {
  const peers = site.mesh?.postQuantum === undefined ? [] : gateway.links.map(({ peer }) => peer.name)
  const wanted = peers.flatMap((name): WantedFile[] => {
    const path = identityPath(name)
    const text = seen.files.get(path)?.text ?? pemOf(seen, name)
    return text === undefined ? [] : [{ path, text, opaque: true }]
  })
  const names = new Set(peers.map(identityPath))
  const gone = [...seen.files.keys()].filter((path) => path.startsWith(`${IDENTITIES_DIR}/`) && !names.has(path))
  return [...wanted, ...gone.map((path) => ({ path, text: undefined, opaque: true as const }))]
}

/** Who signs with another key than is known of it: an attacker, or a host that was installed anew. Only a person can tell. Pure. */
export function identityDrift(site: Site, gateway: Gateway, seen: HostFacts): readonly Difference[] {
  if (site.mesh?.postQuantum === undefined) return []
  return gateway.links.flatMap(({ peer: { name } }): Difference[] => {
    const have = seen.files.get(identityPath(name))?.text
    const want = keyOf(seen, name)
    if (have === undefined || want === undefined || have === pemOf(seen, name) || base64Of(have) === want) return []
    const hint = `if ${name} was installed anew: orion mesh rotate --identity ${name}`
    return [{ field: `identity of ${name}`, have: digest(base64Of(have)), want: digest(want), immutable: true, hint }]
  })
}

function keyOf(seen: HostFacts, name: string): string | undefined {
  const other = seen.others?.get(name)
  return other && identityKey(other)
}

// Asked for by each peer of a gateway: one text for all of them.
const known = new WeakMap<HostFacts['commands'], string>()

function pemOf(seen: HostFacts, name: string): string | undefined {
  const [other, key] = [seen.others?.get(name), keyOf(seen, name)]
  if (other === undefined || key === undefined) return undefined
  const text = known.get(other.commands) ?? pem(key)
  known.set(other.commands, text)
  return text
}

/** SubjectPublicKeyInfo as text (RFC 7468). */
function pem(base64: string): string {
  return ['-----BEGIN PUBLIC KEY-----', ...(base64.match(/.{1,64}/g) ?? []), '-----END PUBLIC KEY-----', ''].join('\n')
}

function base64Of(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.startsWith('-'))
    .join('')
    .trim()
}

function digest(base64: string): string {
  return createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex').slice(0, 16)
}
