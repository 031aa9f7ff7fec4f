// The computed address plan: fixed answers (they must never change), validity, and no collisions.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { guestIpv6, macAddress, nameUuid, smbiosUuid } from '../../src/site/addressing.ts'
import { contains, parseCidr, parseIp } from '../../src/site/ip.ts'

const vmids = fc.integer({ min: 100, max: 999_999_999 })
const indices = fc.integer({ min: 0, max: 31 })

describe('macAddress', () => {
  it('never changes: the identity of every NIC hangs on it', () => {
    assert.equal(macAddress('orion', 200, 0), '26:28:00:00:19:00')
    assert.equal(macAddress('orion', 200, 1), '26:28:00:00:19:01')
    assert.equal(macAddress('orion', 999_999_999, 31), '26:2F:73:59:3F:FF')
    assert.equal(macAddress('hive', 200, 0), 'CA:00:00:00:19:00')
  })

  it('is a unicast, locally administered address as Proxmox prints it', () => {
    fc.assert(
      fc.property(fc.string(), vmids, indices, (site, vmid, index) => {
        const mac = macAddress(site, vmid, index)
        assert.match(mac, /^[0-9A-F]{2}(:[0-9A-F]{2}){5}$/)
        assert.equal(Number.parseInt(mac.slice(0, 2), 16) & 0b11, 0b10)
        assert.equal(macAddress(site, vmid, index), mac)
      }),
    )
  })

  it('tells any two NICs of a site apart', () => {
    fc.assert(
      fc.property(fc.string(), fc.uniqueArray(fc.tuple(vmids, indices), { selector: String }), (site, nics) => {
        assert.equal(new Set(nics.map(([vmid, index]) => macAddress(site, vmid, index))).size, nics.length)
      }),
    )
  })
})

describe('smbiosUuid', () => {
  it('is version 5 of RFC 9562', () => {
    assert.equal(
      nameUuid('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com'),
      '2ed6657d-e927-568b-95e1-2665a8aea6a2',
    )
    assert.equal(smbiosUuid('orion', 200), 'a90d1cc3-9dbd-58ce-a2aa-fc3c33980fc6')
  })

  it('is well formed, and another one for each guest and site', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'a/1'), vmids), { selector: String }), (guests) => {
        const uuids = guests.map(([site, vmid]) => smbiosUuid(site, vmid))
        for (const uuid of uuids)
          assert.match(uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
        assert.equal(new Set(uuids).size, guests.length)
      }),
    )
  })
})

describe('guestIpv6', () => {
  const rows: [string, string | undefined, number, string][] = [
    ['2001:db8:0:1000::/64', '192.168.100.30', 1, '2001:db8:0:1000::30'],
    ['2001:db8:0:1000::/64', '192.168.100.30/24', 1, '2001:db8:0:1000::30'],
    ['2001:db8:0:1000::/64', '192.168.100.30/25', 1, '2001:db8:0:1000::30'],
    ['2001:db8:0:1000::/64', '192.168.100.30/32', 1, '2001:db8:0:1000::30'],
    ['2001:db8:0:1000::/64', '10.1.2.30/16', 1, '2001:db8:0:1000::2:30'],
    ['2001:db8:0:1000::/64', '10.1.2.30/22', 1, '2001:db8:0:1000::2:30'],
    ['2001:db8:0:1000::/64', '10.1.2.30/8', 1, '2001:db8:0:1000:0:1:2:30'],
    ['2001:db8:0:1000::/64', undefined, 200, '2001:db8:0:1000::200'],
    ['2001:db8:0:1000::/64', undefined, 12345, '2001:db8:0:1000::1:2345'],
    ['fd00::/64', undefined, 100_000_000, 'fd00::1:0:0'],
  ]
  for (const [network, ipv4, vmid, want] of rows)
    it(`${ipv4 ?? vmid} in ${network} is ${want}`, () => assert.equal(guestIpv6(network, ipv4, vmid), want))

  for (const [network, ipv4] of [
    ['10.0.0.0/8', '10.0.0.1'],
    ['fd00::', '10.0.0.1'],
    ['fd00::/64', '10.0.0'],
    ['fd00::/64', 'fd00::1'],
  ] as const)
    it(`refuses ${ipv4} in ${network}`, () => assert.throws(() => guestIpv6(network, ipv4, 100), RangeError))

  it('lies in a /64, and is another one for each host of the IPv4 network', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 8, max: 30 }),
        fc.uniqueArray(fc.nat(0xffff_ffff), { minLength: 2 }),
        (prefix, hosts) => {
          const size = 2 ** (32 - prefix)
          const own = [...new Set(hosts.map((host) => 0x0a000000 + (host % size)))]
          const texts = own.map((value) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.'))
          const found = texts.map((text) => guestIpv6('2001:db8:0:7::/64', `${text}/${prefix}`, 100))
          assert.equal(new Set(found).size, own.length)
          for (const address of found) assert.ok(inside('2001:db8:0:7::/64', address))
        },
      ),
    )
  })

  it('is another one for each VMID', () => {
    fc.assert(
      fc.property(fc.uniqueArray(vmids), (ids) => {
        const found = ids.map((vmid) => guestIpv6('fd00:0:0:1::/64', undefined, vmid))
        assert.equal(new Set(found).size, ids.length)
        for (const address of found) assert.ok(inside('fd00:0:0:1::/64', address))
      }),
    )
  })
})

function inside(network: string, address: string): boolean {
  const [outer, ip] = [parseCidr(network), parseIp(address)]
  return outer !== undefined && ip !== undefined && contains(outer, ip)
}
