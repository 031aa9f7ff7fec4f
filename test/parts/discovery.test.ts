// What a node tells of itself, read: its network as it is stored, its ports as they are now, its names and pools.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { devicesOf, isWhole, lookFacts, systemOf } from '../../src/parts/discovery-look.ts'
import { networkOf } from '../../src/parts/discovery-network.ts'
import { needs } from '../setup.ts'

type Seen = Parameters<typeof networkOf>[0]

const file = (text: string) => ({ kind: 'file' as const, text, mode: 0o644, owner: 'root', group: 'root' })
const seenOf = (files: Readonly<Record<string, string>>, commands: Readonly<Record<string, string>>): Seen => ({
  files: new Map(Object.entries(files).map(([path, text]) => [path, file(text)])),
  commands: new Map(Object.entries(commands).map(([name, stdout]) => [name, { code: 0, stdout, stderr: '' }])),
})

const INTERFACES = `auto lo
iface lo inet loopback

iface eno1 inet manual
iface eno2 inet manual

auto bond0
iface bond0 inet manual
  slaves eno1 eno2
  bond_mode 4
  bond_xmit_hash_policy layer3+4
  mtu 9000

auto vmbr0
iface vmbr0 inet static
  address 192.168.1.10
  netmask 255.255.255.0
  gateway 192.168.1.1
  bridge_ports bond0
  bridge_stp off
  bridge_fd 0
  bridge_vlan_aware yes

iface vmbr0 inet6 static
  address 2001:DB8::10/64
  gateway fe80::1

auto vmbr0:1
iface vmbr0:1 inet static
  address 192.168.1.11/24

auto vmbr0.20
iface vmbr0.20 inet static
  address 10.20.0.1/24

auto storage
iface storage inet static
  vlan-raw-device eno2
  vlan-id 77
  address 10.77.0.1/24

source /etc/network/interfaces.d/*
`

describe('discovery', () => {
  it('reads the network as the file has it, in whatever spelling', () => {
    const { bridges, bonds, vlans } = networkOf(seenOf({ '/etc/network/interfaces': INTERFACES }, {}))
    assert.deepEqual(bridges, [
      {
        name: 'vmbr0',
        ports: ['bond0'],
        vlanAware: true,
        addresses: ['192.168.1.10/24', '2001:db8::10/64', '192.168.1.11/24'],
        gateway: '192.168.1.1',
        gateway6: 'fe80::1',
      },
    ])
    assert.deepEqual(bonds, [
      { name: 'bond0', ports: ['eno1', 'eno2'], mode: '802.3ad', hashPolicy: 'layer3+4', mtu: 9000 },
    ])
    assert.deepEqual(
      vlans.map(({ name, parent, id, addresses }) => [name, parent, id, addresses]),
      [
        ['storage', 'eno2', 77, ['10.77.0.1/24']],
        ['vmbr0.20', 'vmbr0', 20, ['10.20.0.1/24']],
      ],
    )
  })

  it('reads ports with link, speed and card, sorted', () => {
    const links = [
      {
        ifname: 'eno2',
        address: '02:00:00:00:00:99',
        permaddr: 'AA:BB:CC:00:00:02',
        parentdev: '0000:02:00.1',
        flags: [],
      },
      { ifname: 'eno1', address: 'aa:bb:cc:00:00:01', master: 'vmbr0', flags: ['UP', 'LOWER_UP'] },
    ]
    const seen = seenOf(
      {},
      {
        'discovery-look': 'nic eno2 -1 0 igb\nnic eno1 10000 1 ixgbe\nnic wlan0 - - -\nend',
        'ip-links': JSON.stringify(links),
      },
    )
    assert.deepEqual(networkOf(seen).ports, [
      { name: 'eno1', mac: 'aa:bb:cc:00:00:01', isUp: true, speed: 10000, driver: 'ixgbe', master: 'vmbr0' },
      { name: 'eno2', mac: 'aa:bb:cc:00:00:02', isUp: false, driver: 'igb', pci: '0000:02:00.1' },
      { name: 'wlan0', mac: '', isUp: false },
    ])
  })

  it('reads names, time zone, processor, memory and pools', () => {
    const seen = seenOf(
      {
        '/etc/localtime': '/usr/share/zoneinfo/Europe/Vienna',
        '/etc/resolv.conf': '# made by hand\nsearch wrong.example\nnameserver 9.9.9.9\nnameserver 2620:fe::fe\n',
        '/etc/hosts': '127.0.0.1 localhost\n10.0.0.1 n1.example.net n1 # this one\n',
      },
      {
        'discovery-look': 'model A processor\nmemory 65536\nzpool rpool 1000 400\nend',
        cores: 'cpu 0 1 0,2 0 0\ncpu 1 1 1,3 0 0\ncpu 2 1 0,2 0 0\ncpu 3 1 1,3 0 0\ncpu 4 0 - - 0\ncpu 5 1 5 1 1\n',
      },
    )
    assert.deepEqual(systemOf(seen, 'n1'), {
      dns: ['9.9.9.9', '2620:fe::fe'],
      domain: 'example.net',
      timezone: 'Europe/Vienna',
      zpools: [{ name: 'rpool', bytes: 1000, freeBytes: 400 }],
      memoryBytes: 65536 * 1024,
      topology: { model: 'A processor', sockets: 2, cores: 3, threads: 5 },
    })
    assert.equal(isWhole(seen), true)
  })

  it('is not misled by a node that says nothing, half of it, or what a terminal would obey', () => {
    const nothing = seenOf({}, {})
    assert.deepEqual(networkOf(nothing), { ports: [], bonds: [], bridges: [], vlans: [] })
    assert.deepEqual(devicesOf(nothing), [])
    assert.equal(isWhole(nothing), false)
    const hostile = seenOf(
      {},
      { 'discovery-look': 'nic \u001b[2Jx 1 1 d\nmodel \u001b]0;x\u0007', 'ip-links': '{"a":' },
    )
    assert.equal(isWhole(hostile), false)
    assert.ok(!/\p{Cc}/u.test(JSON.stringify([networkOf(hostile).ports, systemOf(hostile, 'n1').topology.model])))
  })

  it('is asked by a program that any POSIX shell runs, and that passes over what is not there', async function () {
    await needs(this, ['shellcheck'])
    const [, , script = ''] = lookFacts().commands?.['discovery-look'] ?? []
    const root = mkdtempSync(join(tmpdir(), 'orion-look-'))
    try {
      execFileSync('shellcheck', ['-s', 'sh', '-'], { input: script })
      const card = join(root, 'sys/devices/pci0/0000:01:00.0')
      mkdirSync(join(card, 'net'), { recursive: true })
      mkdirSync(join(root, 'drivers/igb'), { recursive: true })
      mkdirSync(join(root, 'sys/class/net/eno1'), { recursive: true })
      mkdirSync(join(root, 'sys/class/net/vmbr0'), { recursive: true })
      mkdirSync(join(root, 'proc'))
      symlinkSync(join(root, 'drivers/igb'), join(card, 'driver'))
      symlinkSync(card, join(root, 'sys/class/net/eno1/device'))
      writeFileSync(join(root, 'sys/class/net/eno1/carrier'), '1\n')
      writeFileSync(join(root, 'proc/meminfo'), 'MemTotal:       65536 kB\n')
      const said = execFileSync('sh', ['-c', script, 'orion-discovery-look', root], {
        encoding: 'utf8',
        env: { PATH: '/usr/bin:/bin' },
      })
      const lines = said.split('\n').filter((line) => !/^(zpool|pci) /.test(line))
      assert.deepEqual(lines, ['nic eno1 - 1 igb', 'memory 65536', 'end', ''])
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  })
})
