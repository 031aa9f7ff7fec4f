// What others have built, written down: a plan of it changes nothing, and reading it again says the same.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { openDiscovery } from '../../src/base/discovery.ts'
import type { Session } from '../../src/base/session.ts'
import { discoverNode } from '../../src/parts/discovery.ts'
import { vm as vmPart } from '../../src/parts/vm.ts'
import type { Discovery, FoundDevice } from '../../src/site/discovery.ts'
import { parseSite } from '../../src/site/load.ts'
import { applyAll, changes } from '../resources/lab-site.ts'
import { type HandMade, importAll, NODE, openHandMade, planOf } from './import-world.ts'

const ODD = `auto vmbr7
iface vmbr7 inet static
  address 172.20.0.1
  netmask 255.255.0.0
  bridge_ports none
  bridge_stp off
  bridge-fd 0
  bridge-vlan-aware yes
  bridge-vids 2-4094
  post-up echo 1 > /proc/sys/net/ipv4/ip_forward
# notes of somebody

iface vmbr7 inet6 static
  address 2001:db8:7::1/64

auto vmbr7.30
iface vmbr7.30 inet static
  address 10.30.0.1/24

source`

describe('import', function () {
  this.timeout(60_000)
  let world: HandMade
  before(async () => {
    world = await openHandMade()
    await world.interfaces((text) => text.replace('source', ODD))
    await world.outside.pve.cluster('n1').api.pools.$post({ poolid: 'prod' })
  })
  after(() => world?.close())
  afterEach(async () => {
    for (const kind of ['qemu', 'lxc'] as const) {
      const list = world.outside.pve.cluster('n1').api.nodes.$('n1')[kind]
      for (const { vmid } of await list.$get()) {
        await list.$(vmid).config.$put({ protection: false } as never)
        await world.outside.pve.cluster('n1').task(await list.$(vmid).$delete({}), () => {})
      }
    }
    world.outside.forget()
  })

  it('writes networks and storages of an empty node, and would change nothing of it', async () => {
    const { text, plan } = await importAll(world)
    assert.deepEqual(changes(plan), [])
    assert.match(text, /vmbr7-vlan30: \{ bridge: vmbr7, vlan: 30, ipv4: 10\.30\.0\.0\/24 \}/)
    assert.match(text, /gateway: 10\.0\.0\.1/)
    assert.match(text, /local-zfs:\n {4}type: zfspool/)
    assert.doesNotMatch(text, /keepInterfaces/)
    assert.equal((await importAll(world)).text, text)
  })

  it('adopts guests that were made in odd ways, with all that there are words for', async () => {
    await makeOddGuests(world)
    const { text, plan, site, imported } = await importAll(world)
    assert.deepEqual(changes(plan), [])
    assert.equal(plan.steps.filter(({ id }) => /^(vm|container):/.test(id)).length, 4)
    assert.deepEqual(
      site.guests.map(({ name, vmid, memoryMib, adopted }) => [name, vmid, memoryMib, adopted !== undefined]),
      [
        ['web-example-com', 100, 2048, true],
        ['win', 101, 8192, true],
        ['win-102', 102, 512, true],
        ['dns', 300, 512, true],
      ],
    )
    const win = site.guests.find(({ name }) => name === 'win')
    assert.deepEqual(
      win?.disks.map(({ slot, sizeGib }) => [slot, sizeGib]),
      [
        ['sata0', 64],
        ['virtio3', 10],
      ],
    )
    assert.deepEqual(
      win?.nics.map(({ network, index, model }) => [network, index, model]),
      [
        ['vmbr7-vlan30', 0, 'e1000'],
        ['vmbr7', 2, 'rtl8139'],
      ],
    )
    const said = imported.warnings.join('\n')
    for (const word of ['tpl', 'numa', 'vga', 'net3', 'rate', 'ide2', 'web.example.com'])
      assert.ok(said.includes(word), word)
    assert.match(text, /# .*net3 stays as it is/)
    assert.equal((await importAll(world)).text, text)
  })

  it('changes what is changed in the file, and nothing else', async () => {
    await makeOddGuests(world)
    const { text } = await importAll(world)
    const site = await parseSite(text.replace('memory: 2G', 'memory: 3G'), '/nowhere/orion.yaml')
    assert.deepEqual(changes(await planOf(site, world.outside)), ['update vm:n1/100 memory 2048→3072'])
    await applyAll(vmPart.resources(site, { restart: false }), world.outside)
    const { config } = world.outside.pve.cluster('n1').api.nodes.$('n1').qemu.$(100)
    const now: Readonly<Record<string, unknown>> = { ...(await config.$get()) }
    assert.equal(String(now.memory), '3072')
    assert.equal(now.tags, 'prod;web', 'no mark of orion')
    assert.equal(now.agent, '1,fstrim_cloned_disks=1')
    world.outside.forget()
    assert.deepEqual(changes(await planOf(site, world.outside)), [])
  })

  it('leaves a node’s interfaces alone where the site file has no words for them', async () => {
    const other = await openHandMade()
    try {
      const second =
        'auto vmbr9\niface vmbr9 inet static\n\taddress 10.9.0.1/24\n\taddress 10.99.0.1/24\n\tbridge-ports none\n\nsource'
      await other.interfaces((text) => text.replace('source', second))
      const { text, plan, imported } = await importAll(other)
      assert.deepEqual(changes(plan), [])
      assert.match(text, /keepInterfaces: true/)
      assert.ok(imported.warnings.some((line) => line.includes('10.99.0.1')))
    } finally {
      await other.close()
    }
  })

  it('names devices that guests have, and leaves them as they are', async () => {
    const other = await openHandMade(CARDS)
    try {
      await other.vm({ vmid: 100, name: 'gpu', memory: 2048, machine: 'q35' })
      await other.vm({ vmid: 101, name: 'mapped', memory: 2048, machine: 'q35' })
      const host = await other.outside.host('n1')
      const [card] = (await discover(other)).devices.filter(({ id }) => id === '10de:2204')
      assert.ok(card)
      const slot = card.address.replace(/\.\d$/, '')
      await host.run(['qm', 'set', '100', '--hostpci0', `${slot},pcie=1,x-vga=1`])
      await host.run(['pvesh', 'create', '/cluster/mapping/pci', '--id', 'card', '--map', mapOf(card)])
      await host.run(['qm', 'set', '101', '--hostpci0', 'mapping=card'])
      const { text, plan, site } = await importAll(other)
      assert.deepEqual(changes(plan), [])
      assert.match(text, /gpu-hostpci0:\n {4}node: n1/)
      assert.match(text, /card:\n {4}node: n1/)
      assert.equal(text.match(/adopted: true/g)?.length, 4)
      assert.deepEqual(site.devices, [], 'no part has work with them')
    } finally {
      await other.close()
    }
  })

  it('does not make an adopted guest anew that is gone, and touches nobody who took its place', async () => {
    await world.vm({ vmid: 100, name: 'old', memory: 512 })
    const { site } = await importAll(world)
    const { qemu } = world.outside.pve.cluster('n1').api.nodes.$('n1')
    const gone = async () => {
      await world.outside.pve.cluster('n1').task(await qemu.$(100).$delete({}), () => {})
      const plan = await planOf(site, world.outside)
      return plan.steps.find(({ id }) => id === 'vm:n1/100')?.problem
    }
    const problem = await gone()
    assert.equal(problem?.code, 'E_IMMUTABLE')
    assert.match(problem?.message ?? '', /was adopted and is not there/)
    await world.vm({ vmid: 100, name: 'old', memory: 512 })
    const plan = await planOf(site, world.outside)
    assert.equal(plan.steps.find(({ id }) => id === 'vm:n1/100')?.problem?.code, 'E_FOREIGN')
  })

  it('holds for whatever somebody may have built', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(guest, { minLength: 1, maxLength: 4 }), async (guests) => {
        const made: number[] = []
        try {
          for (const [at, options] of guests.entries()) {
            const vmid = 500 + at
            // What the API itself refuses is no world.
            await world.vm({ ...plain(options), vmid }).then(
              () => made.push(vmid),
              () => undefined,
            )
          }
          const { text, plan } = await importAll(world)
          assert.deepEqual(changes(plan), [])
          assert.equal(plan.steps.filter(({ id }) => id.startsWith('vm:')).length, made.length)
          assert.equal((await importAll(world)).text, text)
        } finally {
          const { qemu } = world.outside.pve.cluster('n1').api.nodes.$('n1')
          for (const vmid of made) {
            await qemu.$(vmid).config.$put({ protection: false })
            await world.outside.pve.cluster('n1').task(await qemu.$(vmid).$delete({}), () => {})
          }
        }
      }),
      { numRuns: 6, endOnFailure: true },
    )
  })

  it('is about nodes of one cluster, each read by itself', async () => {
    const two = await openHandMade(TWO)
    try {
      await two.vm({ vmid: 100, name: 'n2', memory: 512 })
      const { text, plan, site } = await importAll(two)
      assert.deepEqual(changes(plan), [])
      assert.deepEqual(
        site.nodes.map(({ name }) => name),
        ['n1', 'n2'],
      )
      // A node has the name already.
      assert.equal(site.guests[0]?.name, 'n2-100')
      assert.match(text, /node: n1/)
    } finally {
      await two.close()
    }
  })
})

/** A graphics card stands in the slot. */
const CARDS = `${NODE}storage: { local-zfs: { type: zfspool, pool: rpool/data, content: [images, rootdir] } }
guests: { one: { id: 900, memory: 1G, disk: 8G, storage: local-zfs, machine: q35, firmware: uefi } }
devices: { gpu: { node: n1, ids: [10de:2204, 10de:1aef], guest: one } }
`

function mapOf({ address, id, iommuGroup }: FoundDevice): string {
  return `node=n1,path=${address.replace(/\.\d$/, '')},id=${id},iommugroup=${iommuGroup}`
}

async function discover({ site, outside }: HandMade): Promise<Discovery> {
  const session = { site, outside } as Pick<Session, 'site' | 'outside'> as Session
  const way = await openDiscovery(session, 'n1')
  return discoverNode(way.outside, way.node)
}

const TWO = NODE.replace('} }\nnetworks', '}, n2: { address: 10.0.0.11, ports: { lan: eno1 } } }\nnetworks')

async function makeOddGuests(world: HandMade): Promise<void> {
  await world.vm({
    vmid: 100,
    name: 'web.example.com',
    memory: '2048',
    cores: 2,
    net0: 'virtio=BC:24:11:00:00:AA,bridge=vmbr0,firewall=1',
    scsi0: 'local-zfs:32',
    ide2: 'none,media=cdrom',
    boot: 'order=scsi0;ide2',
    agent: '1,fstrim_cloned_disks=1',
    tags: 'web;prod',
    description: 'said "so"\n# not a comment: {a: b}',
    onboot: 1,
    ipconfig0: 'ip=10.0.0.50/24,gw=10.0.0.1',
    ostype: 'l26',
    pool: 'prod',
    startup: 'order=2,up=30',
  })
  await world.vm({
    vmid: 101,
    name: 'win',
    memory: '8192',
    balloon: 4096,
    cores: 4,
    sockets: 2,
    cpu: 'host,flags=+aes',
    bios: 'ovmf',
    machine: 'pc-q35-9.2+pve1',
    sata0: 'local-zfs:64',
    virtio3: 'local-zfs:10',
    net0: 'e1000=BC:24:11:00:00:BB,bridge=vmbr7,tag=30,rate=10',
    net2: 'rtl8139=BC:24:11:00:00:BC,bridge=vmbr7',
    net3: 'virtio=BC:24:11:00:00:BD,bridge=vmbr7',
    ostype: 'win11',
    vga: 'qxl',
    numa: 1,
  })
  await world.vm({ vmid: 102, name: 'win', memory: '512' })
  await world.vm({ vmid: 9000, name: 'tpl', memory: '512', template: 1 })
  await world.container({
    vmid: 300,
    hostname: 'dns',
    rootfs: 'local-zfs:8',
    memory: 512,
    swap: 0,
    net0: 'name=eno0,bridge=vmbr7,ip=172.20.5.5/16,gw=172.20.0.1,hwaddr=BC:24:11:00:00:D0,ip6=auto',
    unprivileged: 0,
    mp0: 'local-zfs:4,mp=/data,backup=1',
    nameserver: '1.1.1.1 9.9.9.9',
  })
}

const nic = fc
  .record({
    model: fc.constantFrom('virtio', 'e1000', 'vmxnet3', 'e1000-82544gc'),
    bridge: fc.constantFrom('vmbr0', 'vmbr7'),
    tag: fc.option(fc.constantFrom(30, 40), { nil: undefined }),
    extra: fc.constantFrom('', ',firewall=1', ',trunks=2;3', ',rate=5', ',mtu=1', ',link_down=1'),
  })
  .map(({ model, bridge, tag, extra }) => `${model},bridge=${bridge}${tag === undefined ? '' : `,tag=${tag}`}${extra}`)
const disk = fc.integer({ min: 1, max: 20 }).map((size) => `local-zfs:${size}`)
const address = fc
  .tuple(
    fc.constantFrom('10.0.0', '10.30.0', '172.20.1', '192.0.2'),
    fc.integer({ min: 2, max: 250 }),
    fc.constantFrom(24, 16, 30),
  )
  .map(([net, host, prefix]) => `ip=${net}.${host}/${prefix}`)
const label = fc.oneof(
  fc.stringMatching(/^[a-zA-Z0-9][a-z0-9]{0,9}(\.[a-z]{2,5})?$/),
  fc.constantFrom('n1', 'N1', 'null', 'true', '123', '0x1f', 'constructor', 'guest-500', 'a'.repeat(63)),
)
const guest = fc.record({
  name: fc.option(label, { nil: undefined }),
  memory: fc.constantFrom(16, 512, 2048, 70_000),
  cores: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
  sockets: fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined }),
  cpu: fc.option(fc.constantFrom('host', 'kvm64', 'x86-64-v3,flags=+aes;-pcid', 'cputype=qemu64'), { nil: undefined }),
  balloon: fc.option(fc.constantFrom(0, 16), { nil: undefined }),
  bios: fc.option(fc.constantFrom('ovmf', 'seabios'), { nil: undefined }),
  ostype: fc.option(fc.constantFrom('l26', 'win10', 'wxp', 'other', 'solaris'), { nil: undefined }),
  machine: fc.option(fc.constantFrom('q35', 'pc-i440fx-9.0', 'pc'), { nil: undefined }),
  agent: fc.option(fc.constantFrom('0', '1', 'enabled=1,type=virtio'), { nil: undefined }),
  onboot: fc.option(fc.constantFrom(0, 1), { nil: undefined }),
  protection: fc.option(fc.constantFrom(0, 1), { nil: undefined }),
  startup: fc.option(fc.constantFrom('1', 'order=3,up=10', 'up=5,down=60'), { nil: undefined }),
  description: fc.option(fc.string({ unit: 'binary', maxLength: 40 }), { nil: undefined }),
  tags: fc.option(fc.constantFrom('a;b', 'orion', 'prod orion-found', 'x'), { nil: undefined }),
  nameserver: fc.option(fc.constantFrom('1.1.1.1', '1.1.1.1 2606:4700::1111'), { nil: undefined }),
  searchdomain: fc.option(fc.constantFrom('example.net', 'a.example b.example'), { nil: undefined }),
  net0: fc.option(nic, { nil: undefined }),
  net1: fc.option(nic, { nil: undefined }),
  net5: fc.option(nic, { nil: undefined }),
  scsi0: fc.option(disk, { nil: undefined }),
  scsi2: fc.option(disk, { nil: undefined }),
  virtio0: fc.option(disk, { nil: undefined }),
  ide1: fc.option(disk, { nil: undefined }),
  ipconfig0: fc.option(
    fc.oneof(
      address,
      fc.constant('ip=dhcp,ip6=auto'),
      address.map((ip) => `${ip},gw=10.0.0.1`),
    ),
    { nil: undefined },
  ),
})

function plain(options: Readonly<Record<string, string | number | undefined>>): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(options).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  )
}
