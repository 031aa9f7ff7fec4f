// What the site file says about a host itself: how SSH reaches it, its bonds, bridges and swap.
import type { SecretRef } from './secret.ts'

/** How SSH reaches a node or a guest; what is absent is as ~/.ssh/config says. Terms of ssh_config(5). */
export interface Ssh {
  readonly user?: string
  readonly port?: number
  readonly identityFile?: string
  /** Of an encrypted key; without it a terminal is asked. */
  readonly passphrase?: SecretRef
  /** Host (or chain of hosts) to go through, as in ProxyJump; `none` = straight, also where a guest would go through its node. */
  readonly proxyJump?: string
  /** Further addresses where SSH answers: another path, for a change that takes the first away. */
  readonly alsoAt: readonly string[]
}

export interface Bond {
  readonly name: string
  readonly ports: readonly string[]
  /** As Linux names it: `active-backup`, `802.3ad`, … */
  readonly mode: string
  /** `layer2`, `layer2+3`, `layer3+4`; of balance-xor and 802.3ad. */
  readonly hashPolicy?: string
  /** The preferred port of active-backup. */
  readonly primary?: string
  readonly mtu?: number
}

/** A Linux bridge of one node, and what the node itself has on it. */
export interface Bridge {
  readonly name: string
  /** The networks that stand on it. */
  readonly networks: readonly string[]
  /** A physical port, a bond, or `eno1.20`. Undefined = the site file names none: a bridge that is there keeps its ports, a new one has none. */
  readonly port?: string
  readonly vlanAware: boolean
  readonly mtu?: number
  readonly addresses: readonly BridgeAddress[]
}

export interface BridgeAddress {
  readonly network: string
  /** The address with the prefix length of its network; IPv4 or IPv6. */
  readonly cidr: string
  /** It belongs to the VLAN interface `vmbr0.20`, not to the bridge itself. */
  readonly vlan?: number
  /** The node's default gateway of this address's family, at the one address that reaches it; may be link-local (fe80::…) for IPv6. */
  readonly gateway?: string
}

export interface Swap {
  readonly device?: string
  readonly file?: string
  readonly sizeMib?: number
  readonly priority?: number
}

export interface Zram {
  readonly sizePercent?: number
  readonly sizeMib?: number
  readonly priority?: number
}

/** Each is a consent of the operator. */
export interface Iommu {
  /** `iommu=pt` */
  readonly passthrough: boolean
  /** `pcie_acs_override=downstream,multifunction` */
  readonly acsOverride: boolean
  /** `allow_unsafe_interrupts=1` */
  readonly unsafeInterrupts: boolean
}
