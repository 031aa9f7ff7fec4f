// Each row of the table in the design, tried on the Hive and the federation: one edit, and exactly what it leads to.
import { type Row, tryRows } from './real-files.ts'

const ROWS: readonly Row[] = [
  ['nothing', 'hive', [], []],
  ['nothing', 'federation', [], []],
  [
    'a VMID inside a range',
    'hive',
    [['id: 400', 'id: 302']],
    ['error guests.bastion.id: VMID 302 is taken by guests.worker-3'],
  ],
  [
    'an address outside its network, and in reach of the node’s gateway',
    'hive',
    [['sandbox: 10.66.0.1', 'sandbox: 10.0.0.99']],
    ['error guests.bastion.nics.sandbox: 10.0.0.99 is not in 10.66.0.0/24 (network sandbox)'],
  ],
  [
    'networks that overlap',
    'hive',
    [['10.66.0.0/24, isolated', '10.0.0.0/8, isolated']],
    [
      'error networks.sandbox.ipv4: 10.0.0.0/8 overlaps 10.0.0.0/24 (network lan)',
      'error networks.sandbox.ipv4: 10.0.0.0/8 overlaps 10.10.0.0/24 (network private)',
    ],
  ],
  [
    'an IPv6 network where nothing is announced',
    'hive',
    [['{ bridge: vmbr1, ', '{ bridge: vmbr1, ipv6: 2602:f674::/64, ']],
    ['warning networks.private.ipv6: 2602:f674::/64 is global, and nothing is announced that holds it'],
  ],
  [
    'exclusive cores that leave none',
    'hive',
    [['pin: { cores: 4', 'pin: { cores: 16']],
    ['error guests.trading-floor.pin: exclusive pins take 16 of the 16 cores of genesis: none is left for the others'],
  ],
  [
    'exclusive cores that do not exist',
    'hive',
    [['pin: { cores: 4, exclusive: true, realtime: true }', 'affinity: 28-35']],
    ['error guests.trading-floor.affinity: genesis has no CPU 35: its 32 threads are 0-31'],
  ],
  [
    'a device of a node that is none',
    'hive',
    [['coral:    { node: genesis', 'coral:    { node: gensis']],
    ['error devices.coral.node: no node is called "gensis" (did you mean "genesis"?)'],
  ],
  [
    'two guests with one device on boot',
    'hive',
    [['onboot: false, nics', 'nics']],
    [
      'warning nodes.genesis.hardware.memory: guests of genesis need 110G of 128G without balloon (86 %)',
      'error devices.rtx-3090.standby: guests.brain and guests.district both start on boot, and rtx-3090 is one device',
    ],
  ],
  [
    'a node that does not exist',
    'hive',
    [['node: genesis, storage', 'node: gensis, storage']],
    ['error defaults.guest.node: no node is called "gensis" (did you mean "genesis"?)'],
  ],
  [
    'a network that does not exist',
    'hive',
    [['{ lan: 10.0.0.41 }', '{ lam: 10.0.0.41 }']],
    ['error guests.visual-cortex.nics.lam: no network is called "lam" (did you mean "lan"?)'],
  ],
  [
    'a storage that does not exist',
    'hive',
    [['storage: local-zfs', 'storage: local-zsf']],
    ['error defaults.guest.storage: no storage is called "local-zsf" (did you mean "local-zfs"?)'],
  ],
  [
    'an image that does not exist',
    'hive',
    [['id: 400, image: debian-13', 'id: 400, image: debian-12']],
    ['error guests.bastion.image: no image is called "debian-12" (did you mean "debian-13"?)'],
  ],
  [
    'a guest that does not exist',
    'hive',
    [['shed: [district', 'shed: [districk']],
    ['error keeper.shed.0: no guest is called "districk" (did you mean "district"?)'],
  ],
  [
    'a gateway that does not exist',
    'federation',
    [['hub: van-1', 'hub: vam-1']],
    ['error mesh.hub: no gateway of the mesh is called "vam-1" (did you mean "van-1"?)'],
  ],
  [
    'a cluster that does not exist',
    'federation',
    [['cluster: kelowna', 'cluster: kelwona']],
    ['error nodes.kel-1.cluster: no cluster is called "kelwona" (did you mean "kelowna"?)'],
  ],
  [
    'mesh routes that overlap',
    'federation',
    [['[10.2.0.0/24]', '[10.1.0.0/16]']],
    ['error mesh.gateways.kel-1.routes: 10.1.0.0/16 overlaps 10.1.0.0/24 (mesh.gateways.van-1)'],
  ],
  [
    'a mesh route on the mesh',
    'federation',
    [['[10.2.0.0/24]', '[10.99.7.0/24]']],
    ['error mesh.gateways.kel-1.routes: 10.99.7.0/24 overlaps 10.99.0.0/16 (mesh.network)'],
  ],
  [
    'a link without an endpoint',
    'federation',
    [['endpoint: fra.fed.example.net, ', '']],
    ['error mesh.direct.1: neither fra-1 nor rey-1 has an endpoint: the link between them cannot be dialled'],
  ],
  [
    'a hub that is its own bypass',
    'federation',
    [['bypass: { hub: kel-1 }', 'bypass: { hub: van-1 }']],
    ['error mesh.bypass.hub: van-1 is the hub already: the bypass is for when it is out of reach'],
  ],
  [
    'an address outside of the mesh',
    'federation',
    [['address: 10.99.2.1', 'address: 10.98.2.1']],
    ['error mesh.gateways.kel-1.address: 10.98.2.1 is not in 10.99.0.0/16 (network of the mesh)'],
  ],
  [
    'a client that stands twice',
    'federation',
    [['laptop: {', 'laptop: { address: 10.99.0.11 }\n    laptop: {']],
    ['error mesh.clients.laptop: the key "laptop" stands here twice'],
  ],
  [
    'a client with the address of another one',
    'federation',
    [['laptop: {', 'phone: { address: 10.99.0.10 }\n    laptop: {']],
    ['error mesh.clients.laptop.address: 10.99.0.10 is taken by mesh.clients.phone'],
  ],
  [
    'a client of a gateway behind a NAT',
    'federation',
    [['{ address: 10.99.0.10 }', '{ address: 10.99.0.10, gateway: rey-1 }']],
    ['error mesh.clients.laptop.gateway: rey-1 has no endpoint: laptop cannot dial it; name another gateway'],
  ],
  [
    'an endpoint inside of what the tunnel carries',
    'federation',
    [['fra.fed.example.net', '10.3.0.11']],
    [
      'error mesh.gateways.fra-1.endpoint: 10.3.0.11 lies in 10.3.0.0/24 (mesh.gateways.fra-1): the tunnel would run through itself',
    ],
  ],
  [
    'two gateways behind one public address',
    'federation',
    [['fra.fed.example.net', 'kel.fed.example.net']],
    [
      'error mesh.gateways.fra-1.endpoint: UDP port 51820 of kel.fed.example.net is taken by mesh.gateways.kel-1: give one of them another port',
    ],
  ],
  [
    'a bypass of no hub',
    'federation',
    [
      ['  hub: van-1\n', ''],
      ['topology: hub', 'topology: full'],
    ],
    ['error mesh.bypass: is the second hub, and there is no first: name a hub'],
  ],
  [
    'a route with host bits',
    'federation',
    [['[10.2.0.0/24]', '[10.2.0.7/24]']],
    ['error mesh.gateways.kel-1.routes.0: 10.2.0.7/24 has host bits: the network is 10.2.0.0/24'],
  ],
  [
    'a shared power grid',
    'federation',
    [['fortis-bc', 'bc-hydro']],
    ['warning clusters.kelowna.powerGrid: command clusters vancouver and kelowna share the power grid bc-hydro'],
  ],
  [
    'a shared ISP',
    'federation',
    [['[shaw]', '[telus]']],
    ['warning clusters.kelowna.isp: command clusters vancouver and kelowna share the ISP telus'],
  ],
  [
    'a shared place',
    'federation',
    [['[49.89, -119.50]', '[49.20, -122.90]']],
    ['warning clusters.kelowna.location: command clusters vancouver and kelowna are 18 km apart, under 50 km'],
  ],
  [
    'a tier above the hardware',
    'federation',
    [['memory: 64G, power: dual', 'memory: 64G']],
    [
      'warning clusters.kelowna.tier: command wants dual power on a node with 64G of memory; kelowna has none (power: dual)',
    ],
  ],
]

describe('the table of the design, on the real Hive and federation', () => tryRows(ROWS))
