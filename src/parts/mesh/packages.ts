// Which Debian packages a gateway of the mesh needs. The names are the same in Debian 12 and 13, and on Proxmox VE.
import type { Site } from '../../site/site.ts'
import type { Gateway } from './model.ts'

/** Names for `packages`; `bird2|bird3` is one of the two, whichever is there. */
export function getMeshPackages(
  { mesh, firewall }: Site,
  { name, links }: Pick<Gateway, 'name' | 'links'>,
): readonly string[] {
  return [
    'wireguard-tools',
    // Probes of links; not everywhere where Debian is.
    'iputils-ping',
    ...(firewall?.router === name ? [] : ['nftables']),
    ...(mesh?.routing === 'bgp' && links.length > 0 ? ['bird2|bird3'] : []),
    ...(mesh?.postQuantum !== undefined && links.length > 0 ? ['openssl'] : []),
  ]
}
