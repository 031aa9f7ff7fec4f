// A small site for tests: one node, two storages, one image of each kind; rows say only what they change.
import type { Guest, Nic, Site, Storage } from '../../src/site/site.ts'

export const LOCAL: Storage = {
  name: 'local',
  type: 'dir',
  content: ['iso', 'vztmpl', 'import'],
  nodes: [],
  shared: false,
  options: { path: '/var/lib/vz' },
}

export const TANK: Storage = {
  name: 'tank',
  type: 'zfspool',
  content: ['images', 'rootdir'],
  nodes: [],
  shared: false,
  options: { pool: 'rpool/data' },
}

export function nic(changes: Partial<Nic> = {}): Nic {
  return {
    index: 0,
    network: 'lan',
    bridge: 'vmbr0',
    model: 'virtio',
    firewall: false,
    mac: 'AA:00:00:00:00:00',
    ...changes,
  }
}

export const UUID = 'a90d1cc3-9dbd-58ce-a2aa-fc3c33980fc6'

export function testGuest(changes: Partial<Guest> = {}): Guest {
  return {
    name: 'web',
    group: 'web',
    vmid: 100,
    kind: 'vm',
    node: 'n1',
    os: 'linux',
    cores: 2,
    sockets: 1,
    cpu: 'host',
    memoryMib: 2048,
    swapMib: 512,
    firmware: 'bios',
    tpm: false,
    agent: true,
    storage: 'tank',
    diskGib: 8,
    disks: [],
    mounts: [],
    nics: [],
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
    uuid: UUID,
    ...changes,
  }
}

export function testSite(changes: Partial<Site> = {}): Site {
  return {
    name: 'Lab',
    file: '/site/orion.yaml',
    access: { role: 'Orion', user: 'orion@pve', token: 'orion' },
    clusters: [{ name: 'Lab', isp: [] }],
    nodes: [
      {
        name: 'n1',
        cluster: 'Lab',
        address: '10.0.0.1',
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
      },
    ],
    networks: [],
    storage: [LOCAL, TANK],
    images: [
      { name: 'debian', kind: 'url', url: 'https://images.example.net/a/debian.qcow2' },
      { name: 'debian-ct', kind: 'template', template: 'debian-13-standard' },
      { name: 'golden', kind: 'volume', volume: 'tank:vm-9000-disk-0' },
      { name: 'setup', kind: 'iso', iso: 'local:iso/setup.iso', drivers: 'local:iso/drivers.iso' },
    ],
    guests: [],
    devices: [],
    backup: [],
    snapshots: { keep: 2 },
    warnings: [],
    ...changes,
  }
}
