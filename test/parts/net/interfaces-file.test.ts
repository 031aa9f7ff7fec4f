// Reading /etc/network/interfaces: what belongs to which stanza, and nothing lost.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { parse, print } from '../../../src/parts/net/interfaces-file.ts'

const TEXT = `# top

auto lo eno1
iface lo inet loopback

allow-hotplug eno2
iface vmbr0 inet static
	address 10.0.0.2/24
	bridge-ports \\
		eno1 eno2
# uplink

# about the next one
iface vmbr0 inet6 auto

  bridge_fd 0
mapping eth*
	script /bin/true
source /etc/network/interfaces.d/*
`

describe('parts/net/interfaces-file', () => {
  it('tells what belongs to which stanza', () => {
    const rows = parse(TEXT).map((segment) =>
      segment.kind === 'stanza'
        ? [
            segment.name,
            segment.family,
            segment.method,
            ...segment.body.map(({ key, value, raw }) => (key ? `${key}=${value}` : raw)),
          ]
        : [segment.kind, segment.raw],
    )
    assert.deepEqual(rows, [
      ['gap', '# top'],
      ['gap', ''],
      ['start', 'auto lo eno1'],
      ['lo', 'inet', 'loopback'],
      ['gap', ''],
      ['start', 'allow-hotplug eno2'],
      ['vmbr0', 'inet', 'static', 'address=10.0.0.2/24', 'bridge-ports=eno1 eno2', '# uplink'],
      ['gap', ''],
      ['gap', '# about the next one'],
      ['vmbr0', 'inet6', 'auto', '', 'bridge_fd=0'],
      ['other', 'mapping eth*\n\tscript /bin/true'],
      ['source', 'source /etc/network/interfaces.d/*'],
    ])
  })

  it('prints what it read', () => assert.equal(print(parse(TEXT)), TEXT))

  it('prints every text as it read it', () => {
    const line = fc.oneof(
      fc.constantFrom('auto a', 'iface a inet manual', '', ' ', '# x', '\tmtu 1 \\', 'source x', 'a', '\\'),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(line.map((one) => one.replaceAll('\n', ''))), (lines) => {
        const text = lines.map((one) => `${one}\n`).join('')
        assert.equal(print(parse(text)), text)
      }),
    )
  })
})
