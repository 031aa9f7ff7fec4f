// What runs on the guests and nodes of a site, as the rest of orion sees it: devices, the Keeper, the firewall, BGP, the mesh.
import type { SecretRef } from './secret.ts'

export interface Device {
  readonly name: string
  readonly node: string
  /** `vendor:device`, lower-case hexadecimal. */
  readonly ids: readonly string[]
  /** PCI address, where the ids are not unique. */
  readonly address?: string
  readonly guest?: string
  readonly standby: readonly string[]
  readonly primaryGpu: boolean
  /** USB port (`1-4`): it is a USB device, not one of the PCI bus. */
  readonly port?: string
  /** Node of /dev that a container gets. */
  readonly path?: string
  /** What a guest does that gives it away (`orion gpu move`). */
  readonly yields: 'stop' | 'run'
  /** What a move does where the device does not come back sane. */
  readonly fallback: 'without' | 'reboot'
}

export interface Keeper {
  readonly temperature?: {
    readonly limitCelsius: number
    readonly resumeCelsius: number
    /** Names as hwmon has them, and `nvidia`; empty = processors and graphics cards. */
    readonly sensors: readonly string[]
  }
  /** Absolute path of the file that node-exporter reads. */
  readonly metrics?: string
  readonly shed: readonly string[]
  readonly balloonIdle: readonly string[]
  readonly watchdog?: { readonly device: string; readonly timeoutSeconds: number }
  /** Serial port of a second watchdog, outside of the node. */
  readonly serial?: string
}

export interface Firewall {
  readonly router: string
  readonly allow: readonly FirewallRule[]
  /** Networks behind whose IPv4 address the others appear; what comes in from there to one guest is forwarded to it. */
  readonly masquerade: readonly string[]
}

export interface FirewallRule {
  /** Names of networks or guests. */
  readonly from: readonly string[]
  readonly to: readonly string[]
  /** Ports or ranges; none of tcp, udp and icmp = everything. */
  readonly tcp: readonly string[]
  readonly udp: readonly string[]
  readonly icmp: boolean
}

export interface Bgp {
  readonly router: string
  readonly daemon: 'bird' | 'gobgp'
  readonly asn: number
  readonly routerId: string
  /** CIDRs. */
  readonly announce: readonly string[]
  /** Addresses (CIDRs inside of `announce`) whose traffic the providers that offer it shall drop (RFC 7999). */
  readonly blackhole: readonly string[]
  /** Where the validated ROAs come from (RFC 8210); undefined = routes are not validated. */
  readonly rpki?: Rpki
  /** Where the prefixes of an AS-SET come from. */
  readonly irr: { readonly server: string; readonly sources: readonly string[] }
  readonly peers: readonly BgpPeer[]
}

export interface Rpki {
  /** A validator of its own on the router. */
  readonly local: boolean
  readonly caches: readonly { readonly address: string; readonly port: number }[]
}

export interface BgpPeer {
  readonly name: string
  readonly asn: number
  readonly address: string
  readonly localAddress?: string
  /** What the peer is to us (RFC 9234). */
  readonly relation: 'provider' | 'peer' | 'customer' | 'internal'
  /** It passes on the routes of others as they are (RFC 7947); only with the relation `peer`. */
  readonly routeServer: boolean
  /** Hops to a peer that is not beside us. */
  readonly multihop?: number
  readonly maxPrefixes?: number
  readonly password?: SecretRef
  /** How the password protects the session (RFC 2385, RFC 5925); only with a password. */
  readonly authentication: 'md5' | 'tcp-ao'
  /** GTSM (RFC 5082): both ends must have it. */
  readonly ttlSecurity: boolean
  readonly bfd: boolean
  /** The session ends where the peer does not say its role. */
  readonly requireRole: boolean
  /** The peer drops traffic to addresses that carry the community 65535:666 (RFC 7999). */
  readonly blackhole: boolean
  /** A default route of this peer is taken, too. */
  readonly defaultRoute: boolean
  /** Preferred over others where it is higher; default by relation. */
  readonly localPreference: number
  /** How often our AS number is put before the path once more. */
  readonly prepend: number
  /** Only what its AS-SET registers is taken. */
  readonly asSet?: string
  /** Only these prefixes (and what is in them) are taken. */
  readonly prefixes: readonly string[]
}

export interface Mesh {
  readonly network: string
  /** UDP port of clients; the port of a link is this plus the number of the gateway at its other end. */
  readonly port: number
  /** A preshared key for each link. `required: false`: where a host cannot, the link stays classical and every status says so. */
  readonly postQuantum?: { readonly kem: 'ml-kem-768'; readonly required: boolean }
  readonly topology: 'hub' | 'full'
  readonly hub?: string
  readonly direct: readonly (readonly [string, string])[]
  readonly bypass?: { readonly hub: string }
  /** How gateways find the way to each other's networks: BIRD, or routes written down (no failover). */
  readonly routing: 'bgp' | 'static'
  readonly gateways: readonly MeshGateway[]
  readonly clients: readonly MeshClient[]
  readonly tailscale?: MeshTailscale
}

export interface MeshGateway {
  /** A node or a guest. */
  readonly name: string
  /** Address or name where the others reach it; without one it dials out. */
  readonly endpoint?: string
  readonly address: string
  /** CIDRs; names of networks are resolved. */
  readonly routes: readonly string[]
  /** Default: made of its address. */
  readonly number?: number
  /** Default: that of the mesh. */
  readonly port?: number
  /** Of its underlay, in bytes. */
  readonly mtu?: number
}

/** A person's device. */
export interface MeshClient {
  readonly name: string
  readonly address: string
  /** Gateway that it dials; resolved: the hub, else the first with an endpoint. */
  readonly gateway?: string
}

/** Another way in for administrators, beside the mesh. */
export interface MeshTailscale {
  /** Nodes or guests. */
  readonly hosts: readonly string[]
  readonly authKey: SecretRef
  /** CIDRs. */
  readonly routes: readonly string[]
  /** ACL tags, `tag:NAME`. */
  readonly tags: readonly string[]
  readonly port: number
}
