// What a simulated host consists of: files, the network in force, packages, kernel settings. Plain data.
import type { BootState } from '../device/loader.ts'
import type { PciState, UsbFunction } from '../device/pci.ts'
import type { RebootState } from '../device/reboot-program.ts'
import type { MeshState } from '../mesh/mesh-state.ts'
import type { TailscaleState } from '../tailscale/tailscale-state.ts'

export interface StoredFile {
  readonly kind: 'file' | 'link'
  /** Content, or the target of a link. */
  readonly text: string
  /** The content is no UTF-8: `text` holds it as base64. */
  readonly base64?: true
  readonly mode: number
  /** Default root. */
  readonly group?: string
}

export interface SwapState {
  readonly kind: 'partition' | 'file'
  readonly bytes: number
  readonly priority: number
}

/** One change that the guard remembers. */
export interface GuardedChange {
  readonly id: string
  readonly name: string
  state: 'staged' | 'armed' | 'confirmed' | 'refused' | 'restored'
  readonly at: number
  readonly by: string
  reason: string
  /** Seconds that it waits for the confirmation. */
  readonly window: number
  /** When the host puts it back, milliseconds since the epoch. */
  deadlineMs?: number
  /** The new files; null = there shall be none. */
  readonly files: Record<string, StoredFile | null>
  /** What stood there before; null = nothing. */
  old: Record<string, StoredFile | null>
  readonly check: readonly (readonly string[])[]
  readonly activate: readonly (readonly string[])[]
  readonly strict: boolean
}

/** BIRD as it runs. */
export interface BirdState {
  /** What it read last, includes in their places. */
  config: string
  /** What it goes back to where nobody confirms, and when (milliseconds since the epoch). */
  undo?: { readonly config: string; readonly atMs: number }
  readonly startedMs: number
  configuredMs: number
  /** When each protocol came into its state, by name. */
  since: Record<string, number>
  /** Protocols that somebody disabled. */
  disabled?: string[]
}

/** Routes that a neighbour sends in one family: how many good ones, and bad ones by the number of the reason to refuse them. */
export interface SentRoutes {
  readonly good: number
  readonly bad: Readonly<Record<string, number>>
}

/** Who is at the other end of a BGP session: it does not change with what the router is told of it. */
export interface NeighbourState {
  readonly asn: string
  /** Our AS number, as it was told. */
  readonly knowsUsAs: string
  /** By family, 4 or 6. */
  readonly routes: Readonly<Record<string, SentRoutes>>
}

export interface HostState {
  /** Where SSH reaches it, as the site file says. */
  address: string
  /** The physical port that the operator's cable is in; undefined = reachable whatever happens. */
  cable?: string
  /** Physical ports with their other names. */
  ports: Record<string, { readonly mac: string; readonly altnames: readonly string[] }>
  files: Record<string, StoredFile>
  /** The text of /etc/network/interfaces that ifreload has put into force. */
  applied: string
  /** Settings that somebody has made; what is not here has the kernel's own value. */
  sysctl: Record<string, string>
  packages: Record<string, string>
  /** In use now. */
  swaps: Record<string, SwapState>
  /** Devices and files that mkswap has been at, with their size in bytes. */
  formatted?: Record<string, number>
  /** Systemd units that somebody has started or enabled. */
  units: Record<string, { active: boolean; enabled: boolean; failed?: boolean }>
  guard: GuardedChange[]
  /** Of a guest: which one, and when it was started. */
  vm?: { readonly vmid: number; startedAt: number }
  /** Tables of nftables in force, by family and name: their text as nft lists it. */
  tables?: Record<string, string>
  bird?: BirdState
  mesh?: MeshState
  tailscale?: TailscaleState
  /** BGP neighbours that it has once spoken with, by address. */
  neighbours?: Record<string, NeighbourState>
  /** Of a node: functions of its PCI devices by address, USB devices, and further nodes of /dev. Absent in labs without them. */
  pci?: Record<string, PciState>
  usb?: readonly UsbFunction[]
  paths?: readonly string[]
  /** Of a node: health of its ZFS pools by name, where it is not that of a new one. */
  pools?: Record<string, string>
  /** Of a node: how it boots, and its last start. */
  boot?: BootState
  /** Of a node: what orion-reboot remembers. */
  reboot?: RebootState
  /** Interfaces whose address somebody took away over the API: they stay `manual`. */
  taken: string[]
}

/** The file's content as bytes. */
export function bytesOf({ text, base64 }: StoredFile): Buffer {
  return Buffer.from(text, base64 ? 'base64' : 'utf8')
}

/** Keeps any bytes in JSON. */
export function storedFile(bytes: Buffer, mode: number): StoredFile {
  const text = bytes.toString('utf8')
  return Buffer.from(text, 'utf8').equals(bytes)
    ? { kind: 'file', text, mode }
    : { kind: 'file', text: bytes.toString('base64'), base64: true, mode }
}

/** A text file; links are followed once. undefined where there is none. */
export function textAt({ files }: Pick<HostState, 'files'>, path: string): string | undefined {
  const found = files[path]
  const file = found?.kind === 'link' ? files[found.text] : found
  return file && bytesOf(file).toString('utf8')
}

export function hasGroup(host: Pick<HostState, 'files'>, group: string): boolean {
  return new RegExp(`^${group}:`, 'm').test(textAt(host, '/etc/group') ?? '')
}

export function putText(host: Pick<HostState, 'files'>, path: string, text: string, mode = 0o644): void {
  host.files[path] = { kind: 'file', text, mode }
}
