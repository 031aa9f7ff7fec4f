// What a lab keeps of its hosts.
import assert from 'node:assert/strict'
import { addHardware } from '../../../src/lab/hardware.ts'
import { firstHost, firstInterfaces } from '../../../src/lab/host/first-state.ts'
import { activeInterfaces, hasBridge, hostOf } from '../../../src/lab/network.ts'
import type { World, WorldState } from '../../../src/lab/world.ts'
import { newWorldState, renewHardware } from '../../../src/lab/world-file.ts'
import { hardware } from '../requests.ts'
import { HARDWARE } from './lab-host.ts'

const [node] = HARDWARE.nodes

describe('lab/host/hosts-state', () => {
  const worldOf = (state: WorldState): World => ({ state, changed: () => undefined, now: () => 0, pace: 0 })

  it('brings along a lab of before there were hosts, its bridges too', () => {
    const { hosts: _, ...old } = newWorldState(hardware())
    const bridge = { type: 'bridge', method: 'manual', method6: 'manual', autostart: 1, bridge_ports: '' }
    const active = { vmbr0: bridge, vmbr7: { ...bridge, cidr: '10.0.0.1/24', method: 'static' } }
    const state: WorldState = { ...old, networks: { n1: { active } } }
    addHardware(state, hardware())
    assert.deepEqual(Object.keys(activeInterfaces(state, 'n1')), ['vmbr0', 'vmbr7'])
    assert.equal(hasBridge(worldOf(state), 'n1', 'vmbr7'), true)
    assert.equal(hasBridge(worldOf(state), 'n2', 'vmbr0'), true)
    assert.equal('networks' in state, false)
  })

  it('keeps what is there and the ports that it was made with, and has new bridges', () => {
    assert.ok(node)
    const state = newWorldState(HARDWARE)
    hostOf(state, 'pve1').files['/etc/mine'] = { kind: 'file', text: 'x', mode: 0o600 }
    renewHardware(worldOf(state), {
      ...HARDWARE,
      nodes: [{ ...node, ports: ['eno1', 'eno2', 'eno3'], bridges: ['vmbr0', 'vmbr5'] }],
    })
    const { ports, files } = hostOf(state, 'pve1')
    assert.deepEqual(Object.keys(ports), ['eno1', 'eno2'])
    assert.equal(files['/etc/mine']?.text, 'x')
    assert.equal(hasBridge(worldOf(state), 'pve1', 'vmbr5'), true)
  })

  it("is the installer's work on both versions", () => {
    assert.ok(node)
    for (const [version, release, sources] of [
      ['9.1.4', 'trixie', ['ceph.sources', 'debian.sources', 'pve-enterprise.sources']],
      ['8.4.14', 'bookworm', ['ceph.list', 'pve-enterprise.list']],
    ] as const) {
      const { files } = firstHost(node, version)
      assert.match(files['/usr/lib/os-release']?.text ?? '', new RegExp(`VERSION_CODENAME=${release}`))
      const found = Object.keys(files).filter((path) => path.startsWith('/etc/apt/sources.list.d/'))
      assert.deepEqual(found.map((path) => path.split('/').at(-1)).sort(), sources)
      assert.match(files['/etc/hosts']?.text ?? '', /^192\.0\.2\.10 pve1\.lan pve1$/m)
    }
  })

  it('stands on IPv6, or on a name, as well', () => {
    assert.ok(node)
    const six = firstInterfaces({ ...node, address: '2001:db8::10', prefix: 64, gateway: '2001:db8::1' })
    assert.match(
      six,
      /iface vmbr0 inet6 static\n\taddress 2001:db8::10\/64\n\tgateway 2001:db8::1\n\tbridge-ports eno1/,
    )
    assert.match(firstInterfaces({ ...node, address: 'pve.example' }), /iface vmbr0 inet manual\n\tbridge-ports eno1/)
  })
})
