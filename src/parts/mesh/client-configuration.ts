// The configuration of a person's device, as wg-quick and the WireGuard apps take it.
import { contains, parseCidr, parseIp } from '../../site/ip.ts'
import type { MeshClient } from '../../site/services.ts'
import type { Site } from '../../site/site.ts'
import type { ClientKeys } from './client-key.ts'
import { tunnelMtu, withLength } from './link-file.ts'
import type { Gateway } from './model.ts'

/** Devices sit behind NAT; seconds. */
const KEEPALIVE = 25
/** resolv.conf takes no more. */
const MOST_RESOLVERS = 3

interface Wanted {
  readonly client: MeshClient
  readonly gateway: Pick<Gateway, 'endpoint' | 'port' | 'mtu'>
  /** Of the gateway's interface for clients. */
  readonly gatewayKey: string
  readonly keys: ClientKeys
}

/** With secrets in it where `keys` has them. Pure. */
export function clientConfiguration(site: Site, { client, gateway, gatewayKey, keys }: Wanted): string {
  const { endpoint = '', port, mtu } = gateway
  const resolvers = resolversOf(site)
  const { publicKey, privateKey, presharedKey } = keys
  return [
    '[Interface]',
    privateKey === undefined
      ? `# PrivateKey = the one on the device, whose public key is ${publicKey}`
      : `PrivateKey = ${privateKey}`,
    `Address = ${withLength(client.address)}`,
    ...(resolvers.length === 0 ? [] : [`DNS = ${resolvers.join(', ')}`]),
    ...(mtu === undefined ? [] : [`MTU = ${tunnelMtu(mtu)}`]),
    '',
    '[Peer]',
    `PublicKey = ${gatewayKey}`,
    ...(presharedKey === undefined ? [] : [`PresharedKey = ${presharedKey}`]),
    `AllowedIPs = ${reachable(site).join(', ')}`,
    `Endpoint = ${endpoint.includes(':') ? `[${endpoint}]` : endpoint}:${port}`,
    `PersistentKeepalive = ${KEEPALIVE}`,
    '',
  ].join('\n')
}

/** The mesh itself, and everything behind its gateways. */
function reachable({ mesh }: Site): readonly string[] {
  if (mesh === undefined) return []
  return [...new Set([mesh.network, ...mesh.gateways.flatMap(({ routes }) => routes)])]
}

/** Those of the site's networks that the device can reach through the mesh; a public one needs no mesh. */
function resolversOf(site: Site): readonly string[] {
  const routes = reachable(site).flatMap((route) => parseCidr(route) ?? [])
  const known = new Set(site.networks.flatMap(({ dns }) => dns))
  const inside = [...known].filter((address) => {
    const ip = parseIp(address)
    return ip !== undefined && routes.some((route) => contains(route, ip))
  })
  return inside.slice(0, MOST_RESOLVERS)
}
