// The table of `orion net show`: golden text, 80 columns.
import assert from 'node:assert/strict'
import { type InterfaceLine, type NodeLines, renderInterfaces } from '../../src/console/interface-table.ts'
import { page, plain } from './plain.ts'

const line = (name: string, more: Partial<InterfaceLine> = {}): InterfaceLine => ({
  name,
  kind: 'port',
  state: 'up',
  mtu: 1500,
  ports: [],
  guests: 0,
  addresses: [],
  verdict: '=',
  differs: [],
  ...more,
})

describe('console/interface-table', () => {
  it('one table per node, further addresses below, what differs in words', () => {
    const { mtu: _, ...absent } = line('vmbr2', { kind: 'bridge', state: 'absent', verdict: '+' })
    const nodes: NodeLines[] = [
      {
        node: 'r730',
        interfaces: [
          line('vmbr0', { kind: 'bridge', ports: ['eno1'], addresses: ['192.168.1.10/24', '2001:db8::10/64'] }),
          line('vmbr1', { kind: 'bridge', ports: ['eno2'], guests: 3, verdict: '~', differs: ['mtu 1500 → 9000'] }),
          absent,
          line('eno1'),
          line('wg0', { kind: 'other', state: 'down', verdict: '?' }),
        ],
      },
      { node: 'n2', interfaces: [], problem: { message: 'n2 does not answer', suggestions: ['look at its cable'] } },
    ]
    const golden = page(`
      r730
         NAME   KIND    STATE    MTU  PORTS           ADDRESSES
      =  vmbr0  bridge  up      1500  eno1            192.168.1.10/24
                                                      2001:db8::10/64
      ~  vmbr1  bridge  up      1500  eno2, 3 guests  -
      +  vmbr2  bridge  absent        -               -
      =  eno1   port    up      1500  -               -
      ?  wg0    other   down    1500  -               -
      ~ vmbr1 mtu 1500 → 9000

      n2
        n2 does not answer
        Try: look at its cable
    `)
    assert.equal(renderInterfaces(nodes, plain), golden)
  })
})
