// How a lab's host reads /etc/network/interfaces.
import assert from 'node:assert/strict'
import { cidrOf, parseInterfaces, parseWithSources } from '../../../src/lab/host/interfaces-file.ts'

describe('lab/host/interfaces-file', () => {
  it('reads stanzas, options, comments and continued lines', () => {
    const text = `auto lo vmbr0\niface lo inet loopback\n# above\niface vmbr0 inet static\n\taddress 192.0.2.1/24\n\tbridge_ports eno1 \\\n\t  eno2\n#lan\n\niface vmbr0 inet6 auto\nsource /etc/network/interfaces.d/*\n`
    const { auto, stanzas, errors, sources } = parseInterfaces(text)
    assert.deepEqual([...auto], ['lo', 'vmbr0'])
    assert.deepEqual(errors, [])
    assert.deepEqual(sources, ['/etc/network/interfaces.d/*'])
    assert.deepEqual(
      stanzas.map(({ name, family, method }) => `${name} ${family} ${method}`),
      ['lo inet loopback', 'vmbr0 inet static', 'vmbr0 inet6 auto'],
    )
    assert.deepEqual(stanzas[1]?.options, [
      ['address', '192.0.2.1/24'],
      ['bridge-ports', 'eno1 eno2'],
    ])
    assert.deepEqual(stanzas[1]?.comments, ['lan'])
  })

  for (const [text, error] of [
    ['auto vmbr0\nifacee vmbr0 inet static\n', "line2: error processing line 'ifacee vmbr0 inet static'"],
    ['iface\n', "line1: invalid syntax 'iface'"],
    ['iface vmbr0 inet9 static\n', "line1: invalid syntax 'iface vmbr0 inet9 static'"],
    ['iface vmbr0 inet sattic\n', "line1: invalid syntax 'iface vmbr0 inet sattic'"],
    ['\naddress 192.0.2.1\n', "line2: error processing line 'address 192.0.2.1'"],
  ] as const) {
    it(`says ${error}`, () => assert.deepEqual(parseInterfaces(text).errors, [error]))
  }

  it('brings in what is sourced', () => {
    const file = { kind: 'file' as const, text: 'iface vnet1 inet manual\n', mode: 0o644 }
    const host = { files: { '/etc/network/interfaces.d/sdn': file, '/etc/network/interfaces.d/a/b': file } }
    const { stanzas } = parseWithSources(host, 'source /etc/network/interfaces.d/*\n')
    assert.deepEqual(
      stanzas.map(({ name }) => name),
      ['vnet1'],
    )
  })

  for (const [address, netmask, cidr] of [
    ['192.0.2.1/24', undefined, '192.0.2.1/24'],
    ['192.0.2.1', '255.255.255.0', '192.0.2.1/24'],
    ['192.0.2.1', '24', '192.0.2.1/24'],
    ['192.0.2.1', undefined, '192.0.2.1/32'],
    ['2001:db8::1', '64', '2001:db8::1/64'],
    ['192.0.2.1', '255.0.255.0', undefined],
    ['192.0.2.300/24', undefined, undefined],
    ['192.0.2.1/33', undefined, undefined],
  ] as const) {
    it(`takes ${address} ${netmask ?? ''} for ${cidr}`, () => assert.equal(cidrOf(address, netmask), cidr))
  }
})
