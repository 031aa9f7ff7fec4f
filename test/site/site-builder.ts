// Builds small sites for tests: everything has a default, so that a test states only what it is about.
import { macAddress, smbiosUuid } from '../../src/site/addressing.ts'
import type { Bgp, BgpPeer, Device, Mesh } from '../../src/site/services.ts'
import type { Cluster, Finding, Guest, Network, Nic, NicAddress, Node, Site, Storage } from '../../src/site/site.ts'

export function site(parts: Partial<Site> = {}): Site {
  return {
    name: 'test',
    file: '/tmp/test.yaml',
    access: { role: 'Orion', user: 'orion@pve', token: 'orion' },
    clusters: [{ name: 'test', isp: [] }],
    nodes: [node('pve')],
    networks: [],
    storage: [storage('disks')],
    images: [],
    guests: [],
    devices: [],
    backup: [],
    snapshots: { keep: 2 },
    warnings: [],
    ...parts,
  }
}

let lastNode = 0

/** Each node has an address of its own, outside of the networks that tests use. */
export function node(name: string, parts: Partial<Node> = {}): Node {
  lastNode += 1
  const address = `198.18.${lastNode >> 8}.${lastNode & 255}`
  return {
    name,
    cluster: 'test',
    address,
    ports: {},
    addresses: {},
    ssh: { alsoAt: [] },
    bonds: [],
    bridges: [],
    pinPorts: false,
    packages: [],
    sysctl: {},
    swap: [],
    iommu: { passthrough: false, acsOverride: false, unsafeInterrupts: false },
    isolateCores: false,
    api: { port: 8006 },
    ...parts,
  }
}

export function network(name: string, parts: Partial<Network> = {}): Network {
  return { name, vlanAware: false, isolated: false, dns: [], ...parts }
}

export function storage(name: string, parts: Partial<Storage> = {}): Storage {
  return { name, type: 'zfspool', content: ['images', 'rootdir'], nodes: [], shared: false, options: {}, ...parts }
}

export function cluster(name: string, parts: Partial<Cluster> = {}): Cluster {
  return { name, isp: [], ...parts }
}

export function device(name: string, parts: Partial<Device> = {}): Device {
  return {
    name,
    node: 'pve',
    ids: ['10de:2204'],
    standby: [],
    primaryGpu: false,
    yields: 'stop',
    fallback: 'without',
    ...parts,
  }
}

/** NICs as `network → IPv4 CIDR`, or whole. */
export type Nics = Readonly<Record<string, string | Partial<Nic>>>

export function vm(name: string, vmid: number, nics: Nics = {}, parts: Partial<Guest> = {}): Guest {
  return {
    name,
    group: name,
    vmid,
    kind: 'vm',
    node: 'pve',
    os: 'linux',
    cores: 1,
    sockets: 1,
    cpu: 'x86-64-v2-AES',
    memoryMib: 1024,
    swapMib: 512,
    firmware: 'bios',
    tpm: false,
    agent: true,
    storage: 'disks',
    diskGib: 10,
    disks: [],
    mounts: [],
    nics: Object.entries(nics).map(([network, nic], index) => toNic(network, nic, vmid, index)),
    dns: [],
    sshKeys: [],
    boot: [],
    tags: [],
    onboot: true,
    started: true,
    protection: false,
    unprivileged: true,
    intrusionDetection: false,
    features: {},
    replicate: [],
    snapshot: true,
    ssh: { alsoAt: [] },
    uuid: smbiosUuid('test', vmid),
    ...parts,
  }
}

function toNic(network: string, nic: string | Partial<Nic>, vmid: number, index: number): Nic {
  const parts: Partial<Nic> = typeof nic === 'string' ? { ipv4: toAddress(nic) } : nic
  const mac = macAddress('test', vmid, index)
  return { index, network, bridge: 'vmbr0', model: 'virtio', firewall: false, mac, ...parts }
}

function toAddress(text: string): NicAddress {
  return text === 'dhcp' ? text : { cidr: text }
}

export function ct(name: string, vmid: number, nics: Nics = {}, parts: Partial<Guest> = {}): Guest {
  return vm(name, vmid, nics, { kind: 'ct', ...parts })
}

export function bgp(peers: Bgp['peers'], parts: Partial<Bgp> = {}): Bgp {
  return {
    router: 'router',
    daemon: 'bird',
    asn: 394955,
    routerId: '192.0.2.1',
    announce: [],
    blackhole: [],
    irr: { server: 'rr.ntt.net', sources: ['RPKI', 'RIPE'] },
    peers,
    ...parts,
  }
}

export function peer(name: string, parts: Partial<BgpPeer> = {}): BgpPeer {
  return {
    name,
    asn: 6939,
    address: '10.0.0.9',
    relation: 'provider',
    authentication: 'md5',
    ttlSecurity: false,
    bfd: false,
    requireRole: false,
    routeServer: false,
    blackhole: false,
    defaultRoute: false,
    localPreference: 100,
    prepend: 0,
    prefixes: [],
    ...parts,
  }
}

export function mesh(gateways: Mesh['gateways'], parts: Partial<Mesh> = {}): Mesh {
  return {
    network: '10.99.0.0/16',
    port: 51820,
    topology: 'full',
    routing: 'bgp',
    direct: [],
    gateways,
    clients: [],
    ...parts,
  }
}

export function gateway(
  name: string,
  address: string,
  parts: Partial<Mesh['gateways'][number]> = {},
): Mesh['gateways'][number] {
  return { name, address, endpoint: `${name}.example.net`, routes: [], ...parts }
}

/** Findings as lines to compare: `error guests.web.nics.lan: …`. */
export function told(findings: readonly Finding[]): string[] {
  return findings.map(({ severity, path, message }) => `${severity} ${path.join('.')}: ${message}`)
}
