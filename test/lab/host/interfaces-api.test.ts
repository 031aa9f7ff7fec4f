// The network of a lab's host, as its API tells it.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { toInterfaces, toText } from '../../../src/lab/host/interfaces-api.ts'
import type { Interfaces } from '../../../src/lab/world.ts'

const text = `auto lo
iface lo inet loopback

iface eno1 inet manual

auto vmbr0
iface vmbr0 inet static
\taddress 192.0.2.10/24
\tgateway 192.0.2.1
\tbridge-ports eno1
\tbridge-stp off
\tbridge-fd 0
\tbridge-vlan-aware yes
\tpost-up true
#the lan

iface vmbr0 inet6 static
\taddress 2001:db8::10/64

auto bond0
iface bond0 inet manual
\tbond-slaves eno2 eno3
\tbond-mode 802.3ad

iface eno1.20 inet manual
\tmtu 9000

source /etc/network/interfaces.d/*
`

describe('lab/host/interfaces-api', () => {
  it('shows a file as the API does', () => {
    const { vmbr0, bond0, eno1, 'eno1.20': vlan, lo } = toInterfaces(text)
    assert.deepEqual(vmbr0, {
      type: 'bridge',
      method: 'static',
      method6: 'static',
      autostart: 1,
      cidr: '192.0.2.10/24',
      address: '192.0.2.10',
      netmask: '24',
      gateway: '192.0.2.1',
      bridge_ports: 'eno1',
      bridge_stp: 'off',
      bridge_fd: '0',
      bridge_vlan_aware: 1,
      'post-up': 'true',
      comments: 'the lan\n',
      cidr6: '2001:db8::10/64',
      address6: '2001:db8::10',
      netmask6: '64',
    })
    assert.deepEqual([bond0?.type, bond0?.slaves, bond0?.bond_mode], ['bond', 'eno2 eno3', '802.3ad'])
    assert.deepEqual([eno1?.type, vlan?.type, vlan?.mtu, lo], ['eth', 'vlan', 9000, undefined])
  })

  it('writes it again without a change', () => assert.equal(toText(toInterfaces(text), text), text))

  it('keeps what somebody says over the API', () => {
    const option = fc.record(
      {
        type: fc.constant('bridge'),
        method: fc.constantFrom('manual', 'dhcp'),
        method6: fc.constantFrom('manual', 'auto'),
        bridge_ports: fc.constantFrom('', 'eno1', 'eno1 eno2'),
        mtu: fc.integer({ min: 1280, max: 9000 }),
      },
      { noNullPrototype: true },
    )
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^vmbr[0-9]{1,3}$/), option, { noNullPrototype: true }), (given) => {
        const rows = toInterfaces(toText(given as Interfaces, ''))
        assert.deepEqual({ ...rows }, { ...given })
      }),
    )
  })
})
