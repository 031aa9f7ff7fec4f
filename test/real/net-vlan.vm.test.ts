// Proof on a machine with a kernel of its own: bridges that filter VLANs, addresses on a VLAN, bonds and MTU come true as the site
// file says, and the way in stays.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Operator, Ran } from '../commands/orion.ts'
import { startGuest, type TestGuest, withGuests } from '../hosts/qemu.ts'
import { newOperatorOf } from './guest-operator.ts'

/** As long as it may be: an emulated machine takes its time, and more while others work. */
const WINDOW = '180s'

/** vmbr1 filters VLANs and carries the node's address of VLAN 20; vmbr2 stands on a bond of two ports. */
const siteText = (guest: TestGuest, trunk: string) => `
site: proof
nodes:
  guest:
    address: ${guest.address}
    gateway: 10.0.2.2
    bonds: { bond0: { ports: [eno2, eno3], mode: active-backup, primary: eno3 } }
    ports: { mgmt: eno1, servers: ${trunk}, store: bond0 }
    addresses: { servers: 10.20.0.2, store: 10.30.0.2 }
networks:
  mgmt: { bridge: vmbr0, ipv4: 10.0.2.0/24 }
  servers: { bridge: vmbr1, vlanAware: true, vlan: 20, ipv4: 10.20.0.0/24 }
  store: { bridge: vmbr2, ipv4: 10.30.0.0/24, mtu: 9000 }
`

/** Of `ip -j -d link`, what is asked for here. */
interface Link {
  readonly ifname: string
  readonly mtu: number
  readonly operstate: string
  readonly master?: string
  readonly link?: string
  readonly linkinfo?: {
    readonly info_kind?: string
    readonly info_data?: { readonly vlan_filtering?: number; readonly id?: number; readonly protocol?: string }
  }
}

/** Of `bridge -j vlan show`, by its version a VLAN or a range of them. */
interface VlanPort {
  readonly ifname: string
  readonly vlans: readonly { readonly vlan: number; readonly vlanEnd?: number; readonly flags?: readonly string[] }[]
}

describe('VLANs and bonds on a real machine', function () {
  // A guest without hardware support is slow, and slower while the machine is busy.
  this.timeout(300_000)
  let guest: TestGuest
  let operator: Operator
  let untouched: string

  async function apply(trunk: string): Promise<Ran> {
    const file = join(operator.home, 'orion.yaml')
    writeFileSync(file, siteText(guest, trunk))
    const args = ['net', 'apply', '--yes', '--confirm-within', WINDOW, '--site', file]
    return operator.run(args, { timeout: 280_000 })
  }

  async function links(): Promise<ReadonlyMap<string, Link>> {
    const all = JSON.parse(await guest.must(['ip', '-j', '-d', 'link'])) as Link[]
    return new Map(all.map((link) => [link.ifname, link]))
  }

  before(async function () {
    await withGuests(this)
    guest = await startGuest()
    operator = newOperatorOf(guest)
    untouched = await guest.must(['cat', '/etc/network/interfaces'])
  })
  after(() => {
    operator?.leave()
    guest?.stop()
  })

  it('a bridge that filters VLANs on a port that is not there: exit 4, as before', async () => {
    const ran = await apply('eno44')
    assert.equal(ran.exit, 4, `${ran.out}\n${ran.err}`)
    assert.match(`${ran.out}\n${ran.err}`, /eno44/)
    assert.equal(await guest.must(['cat', '/etc/network/interfaces']), untouched)
    assert.deepEqual([...(await links()).keys()].sort(), ['eno1', 'eno2', 'eno3', 'eno4', 'lo', 'vmbr0'])
  })

  it('builds them, and keeps the way in', async () => {
    const ran = await apply('eno4')
    assert.equal(ran.exit, 0, `${ran.out}\n${ran.err}`)
    assert.match(await guest.must(['ip', '-br', '-4', 'addr', 'show', 'vmbr0']), /UP\s+10\.0\.2\.15\/24/)
    assert.match(await guest.must(['ip', 'route']), /^default via 10\.0\.2\.2 dev vmbr0/m)
    assert.match(await guest.must(['orion-guard', 'list']), /confirmed/)
  })

  it('the bridge filters, with all VLANs on its port and the address on VLAN 20', async () => {
    const all = await links()
    assert.equal(all.get('vmbr1')?.linkinfo?.info_data?.vlan_filtering, 1)
    assert.equal(all.get('vmbr0')?.linkinfo?.info_data?.vlan_filtering, 0)
    assert.equal(all.get('eno4')?.master, 'vmbr1')
    const vlan = all.get('vmbr1.20')
    assert.deepEqual([vlan?.link, vlan?.linkinfo?.info_kind, vlan?.linkinfo?.info_data?.id], ['vmbr1', 'vlan', 20])
    assert.match(await guest.must(['ip', '-br', '-4', 'addr', 'show', 'vmbr1.20']), /UP\s+10\.20\.0\.2\/24/)
    const shown = JSON.parse(await guest.must(['bridge', '-j', 'vlan', 'show'])) as VlanPort[]
    const vlansOf = (name: string) => shown.find(({ ifname }) => ifname === name)?.vlans ?? []
    const tags = vlansOf('eno4').flatMap(({ vlan, vlanEnd = vlan }) =>
      Array.from({ length: vlanEnd - vlan + 1 }, (_, index) => vlan + index),
    )
    assert.deepEqual([tags.length, tags[0], tags.at(-1)], [4094, 1, 4094])
    assert.deepEqual(vlansOf('eno4')[0]?.flags, ['PVID', 'Egress Untagged'])
    assert.ok(vlansOf('vmbr1').some(({ vlan, vlanEnd = vlan }) => vlan <= 20 && 20 <= vlanEnd))
  })

  it('the bond has both ports and a bridge, and packets of 9000 bytes fit through all of them', async () => {
    const all = await links()
    assert.equal(all.get('bond0')?.master, 'vmbr2')
    for (const name of ['eno2', 'eno3']) assert.equal(all.get(name)?.master, 'bond0')
    for (const name of ['eno2', 'eno3', 'bond0', 'vmbr2']) assert.equal(all.get(name)?.mtu, 9000, name)
    for (const name of ['eno1', 'eno4', 'vmbr0', 'vmbr1']) assert.equal(all.get(name)?.mtu, 1500, name)
    const bond = await guest.must(['cat', '/proc/net/bonding/bond0'])
    assert.match(bond, /^Bonding Mode: fault-tolerance \(active-backup\)$/m)
    assert.match(bond, /^Primary Slave: eno3 /m)
    assert.match(bond, /^Currently Active Slave: eno3$/m)
    assert.deepEqual(bond.match(/^Slave Interface: \w+$/gm)?.sort(), ['Slave Interface: eno2', 'Slave Interface: eno3'])
    assert.match(await guest.must(['ip', '-br', '-4', 'addr', 'show', 'vmbr2']), /UP\s+10\.30\.0\.2\/24/)
  })

  it('a second run changes nothing', async () => {
    const text = await guest.must(['cat', '/etc/network/interfaces'])
    const ran = await apply('eno4')
    assert.equal(ran.exit, 0, `${ran.out}\n${ran.err}`)
    assert.match(ran.out, /0 to create, 0 to change/)
    assert.equal(await guest.must(['cat', '/etc/network/interfaces']), text)
  })
})
