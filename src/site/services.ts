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
}

export interface Keeper {
  readonly temperature?: { readonly limitCelsius: number; readonly resumeCelsius: number }
  readonly shed: readonly string[]
  readonly balloonIdle: readonly string[]
  readonly watchdog?: { readonly device: string; readonly timeoutSeconds: number; readonly serial?: string }
}

export interface Firewall {
  readonly router: string
  readonly allow: readonly {
    readonly from: readonly string[]
    readonly to: readonly string[]
    /** Ports or ranges; none of tcp, udp and icmp = everything. */
    readonly tcp: readonly string[]
    readonly udp: readonly string[]
    readonly icmp: boolean
  }[]
  readonly masquerade: readonly string[]
}

export interface Bgp {
  readonly router: string
  readonly daemon: 'bird' | 'gobgp'
  readonly asn: number
  readonly routerId: string
  readonly announce: readonly string[]
  readonly peers: readonly {
    readonly name: string
    readonly asn: number
    readonly address: string
    readonly localAddress?: string
    readonly relation: 'provider' | 'peer' | 'customer' | 'internal'
    readonly multihop?: number
    readonly maxPrefixes?: number
    readonly password?: SecretRef
  }[]
}

export interface Mesh {
  readonly network: string
  readonly port: number
  readonly postQuantum?: 'ml-kem-768'
  readonly topology: 'hub' | 'full'
  readonly hub?: string
  readonly direct: readonly (readonly [string, string])[]
  readonly bypass?: { readonly hub: string }
  readonly gateways: readonly {
    readonly name: string // a node or a guest
    readonly endpoint?: string
    readonly address: string
    /** CIDRs; names of networks are resolved. */
    readonly routes: readonly string[]
  }[]
  readonly clients: readonly { readonly name: string; readonly address: string }[]
}
