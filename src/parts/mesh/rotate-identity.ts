// A new ML-DSA-65 identity for a gateway: first everybody else knows it, then the gateway signs with it.
import { OrionError } from '../../errors.ts'
import type { Outside } from '../../resource.ts'
import { askProgram, publicOf } from '../../resources/mesh-psk-exchange.ts'
import type { Site } from '../../site/site.ts'
import { gatewayNamed } from './names.ts'
import { pskProgram } from './psk-program.ts'
import { reachOf } from './reach.ts'

/**
 * Each step may be repeated: one that was begun is gone on with. The preshared keys stay. Returns the peers that know it now.
 * Errors: E_USAGE for a name that no gateway has, or a mesh without post-quantum keys; E_HOST_FACTS; those of Host, with the old identity in use.
 */
export async function rotateIdentity(
  site: Site,
  outside: Outside,
  name: string,
  note: (text: string) => void,
): Promise<readonly string[]> {
  const gateway = gatewayNamed(site, name)
  if (site.mesh?.postQuantum === undefined)
    throw new OrionError(`the mesh of ${site.name} has no post-quantum keys, so no identities`, { code: 'E_USAGE' })
  const reach = reachOf(site)
  const ask = async (host: string, words: readonly string[]) =>
    askProgram(await reach(host, outside), { subject: `the identity of ${name}`, program: pskProgram(), words })
  const identity = publicOf(await ask(name, ['identity-stage']), 'identity')
  if (identity === undefined)
    throw new OrionError(`${name} could not make an identity`, {
      code: 'E_HOST_FACTS',
      suggestions: ['orion mesh apply'],
    })
  note(`${name}: a new identity is made, and not yet in use`)
  const peers = gateway.links.map(({ peer }) => peer.name)
  for (const peer of peers) {
    await ask(peer, ['identity-pin', name, identity])
    note(`${peer} knows the new identity of ${name}`)
  }
  await ask(name, ['identity-swap'])
  note(`${name} uses its new identity`)
  return peers
}
