// The merge into any file and of any value: the lines of others stay byte for byte, a second merge changes nothing, nothing is taken for more than one value.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { home, INSTALLER, mergeNode } from './merged.ts'
import { BONDS, bridge, HOME, IPV6, netNode, VLANS } from './wanted-nodes.ts'

describe('parts/net/interfaces-merge: any file', () => {
  const NODES = [home(), VLANS, BONDS, IPV6, netNode([HOME, bridge('vmbr1'), bridge('vmbr2', { port: 'eno2' })])]
  const word = fc.stringMatching(/^[a-z0-9#$();'"./-]{1,12}$/)
  const option = fc.tuple(
    fc.constantFrom('\t', '    ', ''),
    fc.constantFrom('post-up', 'address', 'mtu', 'bridge-ports', 'x-y'),
    word,
  )
  const body = fc.array(
    fc.oneof(
      option.map(([lead, key, value]) => `${lead}${key} ${value}`),
      word.map((one) => `# ${one}`),
    ),
    { maxLength: 4 },
  )
  const stanza = fc.tuple(fc.stringMatching(/^zz[a-z0-9]{1,5}$/), fc.constantFrom('inet', 'inet6'), fc.boolean(), body)
  const foreign = stanza.map(([name, family, auto, lines]) =>
    [...(auto ? [`auto ${name}`] : []), `iface ${name} ${family} manual`, ...lines].join('\n'),
  )
  const comment = word.map((one) => `# ${one}`)
  const named = fc.constantFrom(
    'iface eno1 inet manual',
    'auto vmbr0\niface vmbr0 inet static\n\taddress 1.2.3.4/8\n\tbridge-ports eno7\n\tpost-up keep me\n# and me',
    'iface vmbr0 inet6 auto\n\tpost-up keep six',
    'auto vmbr1\niface vmbr1 inet dhcp',
    'auto vmbr0:7\niface vmbr0:7 inet static\n\taddress 5.5.5.5/24',
  )
  const source = fc.constant('source /etc/network/interfaces.d/*')
  const file = fc
    .array(fc.oneof(foreign, comment, named, source), { maxLength: 8 })
    .map((blocks) => blocks.map((block) => `${block}\n\n`).join(''))

  it('is the same when merged again, whatever the file holds', () => {
    fc.assert(
      fc.property(file, fc.constantFrom(...NODES), (text, node) => {
        const once = mergeNode(text, node)
        assert.equal(mergeNode(once, node), once)
      }),
    )
  })

  it('keeps the stanzas and comments of others byte for byte, and in order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.oneof(foreign, comment, source), fc.boolean(), named)),
        fc.constantFrom(...NODES),
        (parts, node) => {
          const text = parts.map(([other, mixed, own]) => `${other}\n\n${mixed ? `${own}\n\n` : ''}`).join('')
          const after = mergeNode(text, node)
          let from = 0
          for (const [other] of parts) {
            const at = after.indexOf(`${other}\n`, from)
            assert.ok(at >= from && (at === 0 || after[at - 1] === '\n'), `${JSON.stringify(other)} in\n${after}`)
            from = at + other.length
          }
          for (const mine of text.match(/^.*keep (?:me|six).*$/gm) ?? []) assert.ok(after.includes(mine), mine)
        },
      ),
    )
  })
})

describe('parts/net/interfaces-merge: hostile values', () => {
  const hostile = ['eno1\n\tpost-up reboot', 'eno1\r', 'a\0b', 'a\u2028b', '\tx']
  for (const value of hostile) {
    it(`refuses ${JSON.stringify(value)} as a port, a name, an address, a gateway and a bond's mode`, () => {
      const nodes = [
        netNode([{ ...HOME, port: value }]),
        netNode([{ ...HOME, name: value }]),
        netNode([{ ...HOME, addresses: [{ network: 'lan', cidr: `${value}/24` }] }]),
        netNode([{ ...HOME, addresses: [{ network: 'lan', cidr: '10.0.0.1/24', gateway: value }] }]),
        netNode([{ ...HOME, port: 'bond0' }], { bonds: [{ name: 'bond0', ports: ['eno1'], mode: value }] }),
        netNode([{ ...HOME, port: 'bond0' }], { bonds: [{ name: 'bond0', ports: [value], mode: 'x' }] }),
      ]
      for (const node of nodes) assert.throws(() => mergeNode(INSTALLER, node), /control character/)
    })
  }

  it('refuses a backslash that would take in the next line', () => {
    assert.throws(() => mergeNode(INSTALLER, netNode([{ ...HOME, port: 'eno1\\' }])), /ends in a backslash/)
  })

  for (const value of ['$(reboot)', '`id`', 'a;reboot', '"x"', "'x'", 'a#b']) {
    it(`lets ${value} arrive verbatim, as one value`, () => {
      const after = mergeNode(INSTALLER, netNode([{ ...HOME, port: value }]))
      assert.ok(after.includes(`\tbridge-ports ${value}\n`), after)
      assert.equal(
        after.split('\n').length,
        mergeNode(INSTALLER, netNode([{ ...HOME, port: 'eno7' }])).split('\n').length,
      )
    })
  }
})
